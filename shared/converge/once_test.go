package converge_test

import (
	"maps"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
)

// ask sends a request through the function's queue, and lets it be answered.
func ask(w *functest.World, id, policy string) {
	w.Cloud.SQS.Send("apply", string(functest.Requested(id, time.Now(), functest.M{"key": functest.KeyID, "policy": policy})))
	deliver(w)
}

func deliver(w *functest.World) {
	w.Settle("apply", w.Cloud.SQS.Receive("apply", 10))
}

// uploadEvent sends what S3 sends for the newest version of an object.
func uploadEvent(w *functest.World, object string) {
	o, _ := w.Cloud.S3.Get(functest.Bucket, object)
	w.Outcomes(functest.Uploaded(object, o.VersionID))
}

func TestAnInlineRequestIsAppliedAndReportedOnce(t *testing.T) {
	for name, before := range map[string]func(*functest.World){
		"the first object of its key": func(*functest.World) {},
		"over another version": func(w *functest.World) {
			w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("earlier"))))
			time.Sleep(time.Minute)
		},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				before(w)
				puts, events := w.Puts(), len(w.Events())
				ask(w, "r1", functest.Policy("new"))
				uploadEvent(w, functest.ObjectName) // the bucket tells of it as of any upload
				if got := functest.SayAll(w.Events()[events:]); got != "Applied" || w.Puts() != puts+1 || w.InForce(functest.KeyID) != "new" {
					t.Errorf("%s after %d puts, %s in force", got, w.Puts()-puts, w.InForce(functest.KeyID))
				}
				if id := w.Events()[events].Detail.Metadata.CorrelationID; id != "r1" {
					t.Errorf("answered %s", id)
				}
			})
		})
	}
}

// The upload may come while its request has not put anything yet.
func TestARequestThatIsKilledAfterItStoredIsAppliedByItself(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Intercept = functest.Gone("PutKeyPolicy")
		ask(w, "r1", functest.Policy("new"))
		w.Intercept = nil
		uploadEvent(w, functest.ObjectName)
		if w.Puts() != 0 || len(w.Events()) != 0 {
			t.Errorf("the upload led to %d puts and %s", w.Puts(), functest.SayAll(w.Events()))
		}
		time.Sleep(time.Hour)
		deliver(w)
		if got := functest.SayAll(w.Events()); got != "Applied" || w.InForce(functest.KeyID) != "new" {
			t.Errorf("%s, %s in force", got, w.InForce(functest.KeyID))
		}
	})
}

// A copy has the metadata of what a request stored. It is somebody's upload.
func TestACopyOfWhatARequestStoredIsAnUpload(t *testing.T) {
	const other = "policies/" + functest.OtherID + ".json"
	store := func(w *functest.World, object string) {
		for _, o := range w.Cloud.S3.Versions(functest.Bucket, functest.ObjectName) {
			if o.Metadata["keysmith-request-id"] == "r1" {
				w.Cloud.S3.Put(functest.Bucket, object, o.Body, maps.Clone(o.Metadata))
				return
			}
		}
		w.Fatal("the request stored nothing")
	}
	for name, c := range map[string]struct {
		object  string
		between func(*functest.World)
	}{
		"over a newer version": {functest.ObjectName, func(w *functest.World) {
			w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("between"))))
		}},
		"over itself": {functest.ObjectName, func(w *functest.World) { w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("by hand")) }},
		"over a deletion": {functest.ObjectName, func(w *functest.World) {
			w.Cloud.S3.Delete(functest.Bucket, functest.ObjectName)
			w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("by hand"))
		}},
		"as another key's first object": {other, func(*functest.World) {}},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				ask(w, "r1", functest.Policy("new"))
				time.Sleep(time.Minute)
				c.between(w)
				store(w, c.object)
				uploadEvent(w, c.object)
				id := functest.KeyID
				if c.object == other {
					id = functest.OtherID
				}
				events := w.Events()
				if last := events[len(events)-1]; functest.Say(last) != "Applied" || last.Detail.Data.Object.Key != c.object || w.InForce(id) != "new" {
					t.Errorf("%s of %s, %s in force", functest.Say(last), last.Detail.Data.Object.Key, w.InForce(id))
				}
			})
		})
	}
}

func TestADirectRequestIsAppliedAndReportedOnce(t *testing.T) {
	functest.Play(t, map[string]string{"DIRECT_REQUESTS": "true"}, func(w *functest.World) {
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("earlier"))))
		time.Sleep(time.Minute)
		puts, events := w.Puts(), len(w.Events())
		request := functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("new")})
		w.Outcomes(request)
		uploadEvent(w, functest.ObjectName)
		time.Sleep(time.Hour)
		uploadEvent(w, functest.ObjectName) // as S3 may send it twice
		if got := functest.SayAll(w.Events()[events:]); got != "Applied" || w.Puts() != puts+1 || w.InForce(functest.KeyID) != "new" {
			t.Errorf("%s after %d puts, %s in force", got, w.Puts()-puts, w.InForce(functest.KeyID))
		}
	})
}

// What somebody did since the direct request was answered is not its outcome.
func TestTheUploadByADirectRequestRestoresWhatItAskedFor(t *testing.T) {
	functest.Play(t, map[string]string{"DIRECT_REQUESTS": "true"}, func(w *functest.World) {
		w.Outcomes(functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("new")}))
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("by hand"))
		if uploadEvent(w, functest.ObjectName); functest.SayAll(w.Events()) != "Applied, Applied" || w.InForce(functest.KeyID) != "new" {
			t.Errorf("%s, %s in force", functest.SayAll(w.Events()), w.InForce(functest.KeyID))
		}
	})
}

// Nobody promises that a direct call comes again, so its upload is not left to it.
func TestTheUploadByADirectRequestIsNotLeftToIt(t *testing.T) {
	functest.Play(t, map[string]string{"DIRECT_REQUESTS": "true"}, func(w *functest.World) {
		w.Intercept = functest.Gone("PutKeyPolicy")
		if _, err := w.Invoke(functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("new")})); err == nil {
			t.Error("acknowledged")
		}
		w.Intercept = nil
		if uploadEvent(w, functest.ObjectName); functest.SayAll(w.Events()) != "Applied" || w.InForce(functest.KeyID) != "new" {
			t.Errorf("%s, %s in force", functest.SayAll(w.Events()), w.InForce(functest.KeyID))
		}
	})
}
