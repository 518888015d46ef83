package main

import (
	"strings"
	"testing"
)

func TestNothingIsBuiltWithoutALogin(t *testing.T) {
	s := newScene(t)
	s.trouble = "ExpiredToken"
	if err := s.d.deploy(t.Context()); err == nil || len(s.ran) > 0 {
		t.Errorf("%v; %v was run", err, s.ran)
	}
}

func TestFromPausedToApplyTheOrderIsSaid(t *testing.T) {
	for mode, said := range map[string]bool{"apply": true, "plan": false, "paused": false} {
		s := newScene(t)
		s.parameters = map[string]string{"Mode": "paused"}
		s.d.parameters = "ManagedByTag=x WriterPrincipals=arn:aws:iam::111122223333:role/ci Mode=" + mode
		if err := s.d.deploy(t.Context()); err != nil || strings.Contains(s.out.String(), "make stop STACK=keysmith before") != said {
			t.Errorf("%s: %v\n%s", mode, err, s.out.String())
		}
	}
}
