// Package docs holds the documents, and the tests that compare them with what
// they speak of: links and anchors, settings, parameters, outputs, targets of
// make, and the tests that prove the promises.
package docs
