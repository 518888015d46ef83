// Package runtimeapi runs a Lambda function's real binary on this machine.
//
// It plays the part of the Lambda service towards a custom runtime: it starts
// the bootstrap as a child process, hands it invocations over the Runtime API
// and ends it when it overstays its time. What is tried on a laptop is thus the
// very file that would be deployed, including how it starts, how it reports an
// error and what becomes of a message when the process is killed half-way.
package runtimeapi
