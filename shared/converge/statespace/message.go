package statespace

// A trigger says why a message was sent.
type trigger byte

const (
	upload trigger = 1 + iota
	request
	latePutReconcile // sent 15 minutes after a put with an unknown result
	sweepReconcile   // sent by the sweep
	storedUpload     // what the bucket sends for the version that the request stored
)

// A message is a trigger, the version it is about (for a request: the newest
// version when it was sent), and whether it was handed out before. The zero
// value is no message.
type message byte

func newMessage(t trigger, v version) message { return message(t)<<4 | message(v)<<1 }

func (m message) trigger() trigger { return trigger(m >> 4) }
func (m message) version() version { return version(m >> 1 & 7) }
func (m message) again() bool      { return m&1 == 1 }

// handedBack returns msg as it comes again. Nobody asks whether a reconcile of the
// sweep comes again, as it never puts; nor an upload or a request where no
// worker can be killed in its put.
func (m *machine) handedBack(msg message) message {
	if msg.trigger() == latePutReconcile || msg.trigger() != sweepReconcile && m.unknown > 0 && m.crashes > 0 {
		return msg | 1
	}
	return msg
}

func (m message) reconciles() bool {
	return m.trigger() == latePutReconcile || m.trigger() == sweepReconcile
}

func (m message) String() string {
	name := [...]string{"", "an upload", "the request", "a late-put reconcile", "a sweep reconcile", "the upload by the request"}[m.trigger()]
	if m.version() != 0 {
		name += " (version " + string('0'+rune(m.version())) + ")"
	}
	if m.again() {
		name += ", again"
	}
	return name
}

// A queue is a bag: whatever is in it may be received next. It is kept in
// order, so that equal bags are equal values.
type queue [8]message

func (q *queue) add(m message) {
	if q[len(q)-1] != 0 {
		panic("statespace: a scenario needs a longer queue")
	}
	i := len(q) - 1
	for ; i > 0 && q[i-1] < m; i-- {
		q[i] = q[i-1]
	}
	q[i] = m
}

func (q *queue) remove(i int) {
	copy(q[i:], q[i+1:])
	q[len(q)-1] = 0
}
