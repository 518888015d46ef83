// Package simulation plays random schedules: the function that is deployed, as
// two workers at once, over one fake AWS, with faults, late and repeated
// messages, and workers that are killed. After each step it checks what keysmith
// promises. README.md says what it simulates and how to extend it.
package simulation
