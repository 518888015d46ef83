// Package fakes3 is S3 with versions: conditional reads and writes, delete
// markers, checksums in all the ways that SDKs send them, and an event on
// EventBridge for each object that is created or deleted.
//
// It holds objects in memory and is meant for documents, not for data.
package fakes3
