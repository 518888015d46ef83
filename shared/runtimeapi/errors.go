package runtimeapi

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrStopped is returned by an invocation of a sandbox or pool that was asked to
// stop.
var ErrStopped = errors.New("the sandbox was stopped")

// The error types that Lambda itself gives, where the function could not.
const (
	TypeTimedOut  = "Sandbox.Timedout"
	TypeExit      = "Runtime.ExitError"
	TypeInit      = "Runtime.InitError"
	TypeTooLarge  = "Function.ResponseSizeTooLarge"
	TypeUndefined = "Runtime.Unknown"
)

// A FunctionError is an invocation, or an init, that failed inside the function
// or because of it. Every other error means that the invocation was never tried
// or was given up from outside.
type FunctionError struct {
	Type    string
	Message string
	Payload []byte // what the function posted; empty where Lambda speaks for it
}

func (e *FunctionError) Error() string {
	return fmt.Sprintf("%s: %s", e.Type, e.Message)
}

// functionError reads what a runtime posted as an error. Text that is not the
// documented object is kept as the message, so that nothing said is lost.
func functionError(headerType string, body []byte) *FunctionError {
	var posted struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(body, &posted) != nil {
		posted.Message = string(body)
	}
	if posted.Type == "" {
		posted.Type = headerType
	}
	if posted.Type == "" {
		posted.Type = TypeUndefined
	}
	return &FunctionError{Type: posted.Type, Message: posted.Message, Payload: body}
}
