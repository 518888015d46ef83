package objectkey

import "regexp"

var labelled = regexp.MustCompile(`^([A-Za-z0-9_-]+)\.([^.]+)\.json$`)

// Unlabelled takes the label from the name of a file in a working tree, such as
// orders.1234abcd-12ab-34cd-56ef-1234567890ab.json. In the bucket no name has
// one.
func Unlabelled(file string) (label, rest string) {
	m := labelled.FindStringSubmatch(file)
	if m == nil || !IsKeyID(m[2]) {
		return "", file
	}
	return m[1], m[2] + suffix
}
