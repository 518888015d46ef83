// Package fakesqs is SQS with standard queues: delays, visibility time-outs,
// long polling, redrive to a dead-letter queue, and, where a fault asks for
// it, duplicates and messages out of order.
package fakesqs
