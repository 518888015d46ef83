// Package embed finds key policies inside other documents: CloudFormation
// templates, in JSON or YAML, and the output of terraform show -json.
//
// It exists so that a policy can be judged where it is written. Each policy comes
// with a text for keypolicy.Check and with a map from places in that text to
// places in the document. A value that the document does not know, such as a
// function of CloudFormation that only a deployment can evaluate, is reported as
// unknown. It is never guessed.
package embed
