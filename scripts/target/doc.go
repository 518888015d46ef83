// Package target has the CloudFormation templates for the accounts and Regions
// that a stack of keysmith reaches beside its own, and what holds them against
// template.yaml: the roles that the functions assume there, and the rule that
// reports changes. It has no code of its own.
package target
