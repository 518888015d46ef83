package simulation

import (
	"slices"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
)

// What must hold when an invocation has ended: what it acknowledges is done.

// checkTurn: what a turn has put is reported, or its message comes again.
func (s *sim) checkTurn(t *turn, back map[string]bool) {
	for _, one := range t.messages {
		k := s.about(one.Body).key
		th := t.threads[k]
		if k == nil || th == nil || back[one.ID] {
			continue
		}
		s.breaks("no change without its event", th.put == nil || th.told || s.overtaken(k, th), "%s", k.label)
		s.breaks("I18: what has come before a put had ended is read before the put is acknowledged", th.put == nil || th.put.newest <= th.newest,
			"version %s was put on %s, and a newer one was not seen", versionShort(th.put), k.label)
		s.breaks("what keysmith says it tries again comes again", !th.retryable, "%s", s.label(one.Body))
	}
}

// storedByRequest: the request itself answers for what it stored.
func (s *sim) storedByRequest(t topic) bool {
	if t.key == nil {
		return false
	}
	i := s.indexOf(t.key, t.version)
	return i >= 0 && s.versions(t.key)[i].Metadata["keysmith-request-over"] != ""
}

// unmanaged: CloudTrail reports calls for every key of the account, so nothing
// needs to be told where one of them has no object.
func (s *sim) unmanaged(t *turn, k *managedKey) bool {
	return slices.ContainsFunc(t.messages, func(m fakeaws.Message) bool {
		topic := s.about(m.Body)
		return topic.kind == "cloudtrail" && topic.key == k
	})
}

// checkAcknowledged: every trigger has its event (I2), or nothing to tell.
func (s *sim) checkAcknowledged(t *turn, one fakeaws.Message) {
	topic := s.about(one.Body)
	s.breaks("I2: it cannot be read, so it is not acknowledged", !topic.garbage, "%s", one.Body)
	if topic.kind == "" {
		return
	}
	th := t.threads[topic.key]
	switch {
	case th == nil:
		s.breaks("I2: every trigger is handled", false, "%s", s.label(one.Body))
	case th.gone && th.put == nil:
	case topic.reconciles() && th.newest < 0 && (th.described || s.unmanaged(t, topic.key)): // the status says Removed, or there is nothing at all
	case th.wasGone && (topic.reconciles() && th.put == nil || s.overtaken(topic.key, th)): // what came since has its own trigger
	case topic.kind == "upload" && s.storedByRequest(topic):
	case topic.kind == "request":
		s.breaks("I2: every request is answered", t.answers[topic.id] || th.gone, "%s", s.label(one.Body))
	case topic.reconciles() && (functest.IDOf(th.last) == s.docOf(th.body).name || th.settled()):
	default:
		s.breaks("I2: every trigger has its event", th.events > 0, "%s", s.label(one.Body))
	}
}
