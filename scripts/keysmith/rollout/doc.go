// Package rollout holds the test of a week with keysmith: the command line beside the
// functions that template.yaml declares, in a fake AWS, with a browser for the page.
//
// The other scripts of the command line answer uploads by themselves, so that they can
// say what a command does with each answer. Here the functions answer.
package rollout
