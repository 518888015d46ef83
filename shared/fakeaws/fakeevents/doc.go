// Package fakeevents is EventBridge: buses, rules with event patterns, and
// delivery to SQS queues. An event that a target does not take goes to the
// target's dead-letter queue, or is lost, as on AWS.
package fakeevents
