// Package pattern matches events against EventBridge event patterns: exact
// values, prefix, suffix, exists, anything-but, numeric, equals-ignore-case,
// wildcard, cidr and $or.
//
// A pattern with an operator that it does not know is refused when it is
// compiled: a rule that silently matched nothing would look like a lost event.
package pattern
