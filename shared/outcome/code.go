package outcome

// Blind reports whether a failure with this code means that keysmith does not
// know what is in force, or what should be, until somebody gives it access.
func (c Code) Blind() bool {
	switch c {
	case AccessDenied, Unreadable, Unverified:
		return true
	}
	return false
}
