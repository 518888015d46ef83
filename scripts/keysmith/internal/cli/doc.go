// Package cli holds what all commands of keysmith share: how one is declared and
// run, what the exit codes mean, how flags that keysmith.yaml also knows are
// read, and how reports are written.
//
// A command is a function from an [Env] to a *cobra.Command, in a package or
// file of its own, and one line in the list of package main. Its RunE returns
// nil for exit code 0, an [Exit] for a verdict such as "refused", and any other
// error for trouble, which is printed and exits with 2.
package cli
