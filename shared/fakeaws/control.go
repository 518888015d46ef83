package fakeaws

import (
	"encoding/json"
	"net/http"
	"time"
)

// controlPath is where the fake itself is talked to, beside the AWS calls: no
// bucket can have this name.
const controlPath = "/_fakeaws/"

// control lets programs in other languages, and people with curl, do what Go
// programs do with the methods of a Cloud.
func (c *Cloud) control(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	show := func(name string, value func() any) {
		mux.HandleFunc("GET "+controlPath+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(value())
		})
	}
	show("calls", func() any { return c.Calls() })
	show("puts", func() any { return c.KMS.Puts() })
	show("faults", func() any { return c.Faults() })
	mux.HandleFunc("POST "+controlPath+"faults", accept(func(f Fault) { c.Fault(f) }))
	mux.HandleFunc("DELETE "+controlPath+"faults", func(w http.ResponseWriter, _ *http.Request) {
		c.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST "+controlPath+"quotas", accept(func(q []Quota) { c.SetQuotas(q...) }))
	mux.HandleFunc("POST "+controlPath+"keys", accept(func(k KeySpec) { c.KMS.CreateKey(k) }))
	mux.HandleFunc("POST "+controlPath+"principals", accept(c.setPrincipal))
	mux.HandleFunc("POST "+controlPath+"roles", accept(c.AddRole))
	mux.HandleFunc("POST "+controlPath+"regions", accept(func(e enabledRegions) { c.EnableRegions(e.Account, e.Regions...) }))
	mux.HandleFunc("POST "+controlPath+"trail", accept(func(accounts []string) { c.StartTrail(accounts...) }))
	mux.HandleFunc("POST "+controlPath+"credentials", accept(func(n newCredentials) {
		c.SetExpiringCredentials(n.AccessKeyID, n.ARN, n.Expires)
	}))
	mux.ServeHTTP(w, r)
}

// accept reads a value and does something with it.
func accept[T any](do func(T)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in T
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		do(in)
		w.WriteHeader(http.StatusNoContent)
	}
}

type enabledRegions struct {
	Account string
	Regions []string
}

type newCredentials struct {
	AccessKeyID, ARN string
	Expires          time.Time
}

type principalChange struct {
	ARN    string
	After  int // seconds until KMS sees it
	Remove bool
	NoIAM  bool // IAM allows it nothing
}

func (c *Cloud) setPrincipal(p principalChange) {
	if p.Remove {
		c.KMS.RemovePrincipal(p.ARN)
		return
	}
	c.KMS.AddPrincipalAfter(p.ARN, time.Duration(p.After)*time.Second)
	c.KMS.SetIAM(p.ARN, !p.NoIAM)
}
