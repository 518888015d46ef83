// Package samtemplate reads template.yaml and says what a deployment of it
// would consist of: queues, buses, rules, functions, roles, with every
// reference between them resolved.
//
// The local stack is built from it and tests hold the code against it, so that
// there is one place that says how keysmith is wired, and what runs on a laptop
// cannot drift away from what is deployed. The package understands the part of
// CloudFormation and SAM that the template uses. Whatever else it meets is an
// error that names the place: a guess here would be a wiring that nobody wrote.
package samtemplate
