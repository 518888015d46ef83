package simulation

import (
	"net/http"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

// Workers that read too little before they speak: of the object, of the history,
// of the status or of KMS. TestEachInvariantOfTheRandomRunsCanFail names the
// invariant that finds each.

// noReRead answers each HeadObject with the version of the last GetObject.
func noReRead() variant {
	var last memories[http.Header]
	return func(c *call, send send) (*http.Response, error) {
		if header, ok := last.get(c); ok && c.action == "HeadObject" {
			return fakeAnswer(c, "", header.Clone())
		}
		answer, err := send()
		if c.action == "GetObject" && !c.history() && err == nil && answer.StatusCode == http.StatusOK {
			last.set(c, answer.Header.Clone())
		}
		return answer, err
	}
}

// reportOwnPuts finds an empty history whenever it is listed, and so takes what
// keysmith itself has put for somebody else's.
func reportOwnPuts() variant {
	return instead("ListObjectsV2", func(*call) (string, bool) { return "<ListBucketResult></ListBucketResult>", true })
}

// olderStatusWins writes the status of whatever version it has reported: it takes
// that one for the newest, and writes over any other status.
func olderStatusWins() variant {
	var told memories[outcome.Object]
	return func(c *call, send send) (*http.Response, error) {
		o, spoken := told.get(c)
		switch {
		case c.action == "PutEvents" && c.key != nil:
			for _, e := range c.worker.sim.eventsOf(c) {
				if e.Detail.Data.Object != nil {
					told.set(c, *e.Detail.Data.Object)
				}
			}
		case c.action == "HeadObject" && spoken && o.VersionID != "":
			return fakeAnswer(c, "", http.Header{"X-Amz-Version-Id": {o.VersionID}, "Etag": {`"` + o.ETag + `"`}})
		case c.action == putStatus:
			c.r.Header.Del("If-Match")
			c.r.Header.Del("If-None-Match")
		}
		return send()
	}
}

// trustStatus does not ask KMS what is in force where the status says that the
// newest version was applied.
func trustStatus() variant {
	return func(c *call, send send) (*http.Response, error) {
		if c.action != "GetKeyPolicy" || c.key == nil {
			return send()
		}
		s := c.worker.sim
		known, all := s.threadOf(c).status, s.versions(c.key)
		if known == nil || known.Outcome != status.Applied || len(all) == 0 || all[len(all)-1].VersionID != known.VersionID {
			return send()
		}
		return fakeAnswer(c, string(functest.JSON(functest.M{"Policy": string(all[len(all)-1].Body), "PolicyName": "default"})), nil)
	}
}
