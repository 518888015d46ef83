package statespace

// A run is one worker with the message in its hands. The zero value is idle.
type run struct {
	at    Step // what it does next
	after Step // and after the status is written
	msg   message

	known   record  // the status as a reconcile has read it
	told    record  // what is to be written into it
	version version // the object as this run read it last
	policy  policy
	early   policy // what it read of the key while the object was being read; 0: nothing
	inForce policy // what it read before its put, as long as that matters
	seen    byte   // bit p: it read p before a put
	own     byte   // bit p: it has put p, or may have
	held    byte   // bit p: p was in force while this reconcile of the sweep ran (seen from outside)

	putVersion version // its last put; 0: none, or already told
	putPolicy  policy
	over       policy // what it read before that put, where that has no known result
	everPut    bool   // a reconcile: it has put something, told or not
	served     bool   // its last put was certainly in force at some time since (seen from outside)

	lastRead policy // the proof: what the last read returned, and how often in a row
	reads    byte
	unsure   bool // its last put has no known result
	row      byte // reads of putPolicy in a row, as the ghost counts them
	verdict  verdict
	next     verdict // what is reported after that
	spoken   bool    // a result event answers the message
	back     bool    // the message is to be handed back
}

// rank puts runs in some order; runs that count as equal may still differ.
func (r run) rank() uint64 {
	return uint64(r.at)<<56 | uint64(r.msg)<<48 | uint64(r.version)<<40 | uint64(r.inForce)<<32 |
		uint64(r.seen)<<24 | uint64(r.putVersion)<<16 | uint64(r.lastRead)<<8 | uint64(r.reads)<<4 | uint64(r.verdict)
}
