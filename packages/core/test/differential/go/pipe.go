// A second implementation of the contract, in Go: a ring of 512 bytes, a mutex and conditions, one goroutine per call.
// It is written from docs/contract.md and not from the TypeScript, so that the two can be compared.
package main

import (
	"fmt"
	"hash/fnv"
)

const capacity = 512

// The choices that the contract leaves open, and that the two pipes make differently.
type policy struct {
	// Whether reads and writes hand bytes over past the ring (PIPE-003, PIPE-005). Between threads they cannot (SHARED-002).
	direct bool
	// A waiting write goes on when its rest fits, or so much is free.
	room int
}

type side int

const (
	reader side = iota
	writer
)

func (s side) String() string { return [...]string{"reader", "writer"}[s] }

// How a side was closed; nil while it is open.
type closing struct {
	failed bool
	err    string
}

type pipe struct {
	*crew
	policy
	ring         []byte
	writes       []*call // In call order; the first is in progress. Flushes queue here, too.
	reads        []*call
	flushes      []*call // Flushes whose target is known.
	closings     [2]*closing
	dropped      bool // Whether a close has dropped bytes of a write.
	bytesWritten int
	bytesRead    int
}

type call struct {
	*member
	id      int
	kind    string
	data    []byte // The bytes to write, or the bytes that a read has received.
	length  int
	moved   int
	target  int // A flush waits until this many bytes have been read.
	failure string
	aborted bool
}

func (p *pipe) free() int { return capacity - len(p.ring) }

func (p *pipe) ended() bool {
	return p.closings[writer] != nil && len(p.ring) == 0 && len(p.writes) == 0
}

// The error of an operation of one side, caused by the close of either side.
func (p *pipe) refusal(own side, because side, operation string, moved int) string {
	c := p.closings[because]
	if c.failed && because != own {
		return c.err
	}
	return fmt.Sprintf("closed %v %s %d", because, operation, moved)
}

func (p *pipe) writeRefusal(operation string, moved int) (string, bool) {
	for _, s := range []side{writer, reader} {
		if p.closings[s] != nil {
			return p.refusal(writer, s, operation, moved), true
		}
	}
	return "", false
}

// ===== Writing =====

func (p *pipe) write(c *call) string {
	if c.aborted {
		return "abort 0"
	}
	if refusal, closed := p.writeRefusal("write", 0); closed {
		return refusal + " 0"
	}
	if c.length == 0 {
		return "0 0"
	}
	p.writes = append(p.writes, c)
	for c.failure == "" && p.writes[0] != c {
		p.wait(c.member) // Until it is first in the queue.
	}
	first := true
	for c.failure == "" && c.moved < c.length {
		if first || c.length-c.moved <= p.free() || p.free() >= p.room {
			p.offer(c)
		}
		first = false
		if c.moved < c.length {
			p.wait(c.member) // Until there is room.
		}
	}
	p.leaveWrites(c)
	if c.failure != "" {
		return fmt.Sprintf("%s %d", c.failure, c.moved)
	}
	return fmt.Sprintf("%d %d", c.length, c.moved)
}

// Moves as many bytes as possible: first to the waiting reads, then into the ring.
func (p *pipe) offer(c *call) {
	if p.direct {
		for _, r := range p.reads {
			if c.moved == c.length {
				return
			}
			if len(r.data) > 0 || r.failure != "" || r.length == 0 {
				continue
			}
			count := min(r.length, c.length-c.moved)
			r.data = append(r.data, c.data[c.moved:c.moved+count]...)
			c.moved += count
			p.bytesWritten += count
			p.bytesRead += count
			p.wake(r.member)
		}
	}
	count := min(p.free(), c.length-c.moved)
	p.ring = append(p.ring, c.data[c.moved:c.moved+count]...)
	c.moved += count
	p.bytesWritten += count
	if count > 0 && len(p.reads) > 0 {
		p.wake(p.reads[0].member)
	}
}

func (p *pipe) tryWrite(data []byte) string {
	if refusal, closed := p.writeRefusal("write", 0); closed {
		return refusal
	}
	if len(p.writes) > 0 {
		return "0"
	}
	c := &call{data: data, length: len(data)}
	p.offer(c)
	return fmt.Sprint(c.moved)
}

func (p *pipe) leaveWrites(c *call) {
	p.writes = without(p.writes, c)
	if len(p.writes) > 0 {
		p.wake(p.writes[0].member)
	}
	p.lookForEnd()
}

func (p *pipe) flush(c *call) string {
	if c.aborted {
		return "abort"
	}
	refusal, closed := p.writeRefusal("flush", 0)
	if own := p.closings[writer]; closed && (p.dropped || own != nil && own.failed) {
		return refusal
	}
	p.writes = append(p.writes, c)
	for c.failure == "" && p.writes[0] != c {
		p.wait(c.member) // Until it is first in the queue: the writes before it have settled by then.
	}
	c.target = p.bytesWritten
	p.leaveWrites(c)
	p.flushes = append(p.flushes, c)
	for c.failure == "" && p.bytesRead < c.target {
		p.wait(c.member) // Until the reader has taken the last of these bytes.
	}
	p.flushes = without(p.flushes, c)
	if c.failure != "" {
		return c.failure
	}
	return "flushed"
}

// ===== Reading =====

func (p *pipe) read(c *call) string {
	if c.aborted {
		return "abort 0"
	}
	if p.closings[reader] != nil {
		return p.refusal(reader, reader, "read", 0) + " 0"
	}
	if c.length == 0 && !p.ended() {
		return "0 0"
	}
	p.reads = append(p.reads, c)
	for c.failure == "" && len(c.data) == 0 && p.reads[0] != c {
		p.wait(c.member) // Until it is first in the queue.
	}
	result := ""
	for c.failure == "" && len(c.data) == 0 {
		if c.data = p.take(c.length); len(c.data) > 0 {
			break
		}
		if p.ended() {
			result = p.end()
			break
		}
		p.wait(c.member) // Until there are bytes.
	}
	p.reads = without(p.reads, c)
	if len(p.reads) > 0 {
		p.wake(p.reads[0].member)
	}
	if c.failure != "" {
		return c.failure + " 0"
	}
	if len(c.data) == 0 {
		return result + " 0"
	}
	return fmt.Sprintf("%s %d", received(c.data), len(c.data))
}

// Takes the bytes that are available now: first from the ring, then from the write in progress.
func (p *pipe) take(most int) []byte {
	count := min(most, len(p.ring))
	taken := append([]byte(nil), p.ring[:count]...)
	p.ring = append([]byte(nil), p.ring[count:]...)
	if w := p.inProgress(); w != nil {
		if p.direct {
			share := min(most-count, w.length-w.moved)
			taken = append(taken, w.data[w.moved:w.moved+share]...)
			w.moved += share
			p.bytesWritten += share
		}
		if rest := w.length - w.moved; rest <= p.free() || p.free() >= p.room {
			p.wake(w.member)
		}
	}
	p.bytesRead += len(taken)
	for _, f := range p.flushes {
		if p.bytesRead >= f.target {
			p.wake(f.member)
		}
	}
	p.lookForEnd()
	return taken
}

func (p *pipe) inProgress() *call {
	if len(p.writes) == 0 || p.writes[0].kind != "write" {
		return nil
	}
	return p.writes[0]
}

func (p *pipe) tryRead(most int) string {
	if p.closings[reader] != nil {
		return p.refusal(reader, reader, "read", 0)
	}
	if len(p.reads) > 0 {
		return "0"
	}
	if taken := p.take(most); len(taken) > 0 {
		return received(taken)
	}
	if p.ended() {
		return p.end()
	}
	return "0"
}

func (p *pipe) end() string {
	if p.closings[writer].failed {
		return p.refusal(reader, writer, "read", 0)
	}
	return "null"
}

// ===== Closing =====

func (p *pipe) closeWriter(c closing) {
	if p.closings[writer] != nil {
		return
	}
	p.closings[writer] = &c
	if c.failed {
		p.rejectWrites(writer)
	}
	p.lookForEnd()
}

func (p *pipe) closeReader(c closing) {
	if p.closings[reader] != nil {
		return
	}
	p.closings[reader] = &c
	p.dropped = p.dropped || len(p.ring) > 0
	p.rejectWrites(reader)
	for _, f := range p.flushes {
		p.fail(f, p.refusal(writer, reader, "flush", 0))
	}
	for _, r := range p.reads {
		p.fail(r, p.refusal(reader, reader, "read", 0))
	}
	p.ring = nil
}

func (p *pipe) rejectWrites(because side) {
	for _, w := range p.writes {
		p.dropped = p.dropped || w.kind == "write"
		p.fail(w, p.refusal(writer, because, w.kind, w.moved))
	}
}

func (p *pipe) fail(c *call, failure string) {
	if len(c.data) > 0 && c.kind == "read" {
		return // It has its bytes.
	}
	c.failure = failure
	p.wake(c.member)
}

func (p *pipe) abort(c *call) {
	if c.kind == "read" && len(c.data) > 0 || c.failure != "" {
		return
	}
	c.failure = "abort"
	p.wake(c.member)
}

func (p *pipe) lookForEnd() {
	if p.ended() && len(p.reads) > 0 {
		p.wake(p.reads[0].member)
	}
}

func received(data []byte) string {
	hash := fnv.New32a()
	hash.Write(data)
	return fmt.Sprintf("%d:%08x", len(data), hash.Sum32())
}

func without(calls []*call, c *call) []*call {
	kept := []*call{}
	for _, other := range calls {
		if other != c {
			kept = append(kept, other)
		}
	}
	return kept
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}
