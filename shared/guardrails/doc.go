// Package guardrails reads what an installation requires of every key policy: the
// baselines, assertions and settings of a folder such as this one.
//
// It exists so that the functions and the command line read the same folder in
// the same way. The folder is built into a Lambda layer of its own: write access
// to the bucket does not allow to change it, and a change of it changes no code.
//
// Reading is strict. A name that nobody knows, a file that nobody reads and a
// principal that nobody can be are faults, each with file, line and column: a
// guardrail that is passed over in silence protects nothing. All faults are
// reported together.
package guardrails
