package wire

import (
	"fmt"
	"net/http"
)

// An Error is a refusal as AWS words it.
type Error struct {
	Status  int
	Code    string
	Message string
	// Header holds headers that belong to the answer.
	Header http.Header
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf returns a refusal with status 400, which most of them have.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

// StatusError returns a refusal with a status of its own.
func StatusError(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}
