// The pipe as its contract has it, in Go: a ring of 512 bytes, a mutex, a condition, and a goroutine for each call. It reads scripts, one a line, plays
// each step, and prints what has settled and how the pipe stands after every step. The test beside it plays the same scripts on the pipe of
// this package and compares the lines. A line that begins with "go" is played on Go's own io.Pipe.
package main

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
)

const capacity = 512

type call struct {
	id       int
	kind     byte // 'w' write, 'r' read, 'f' flush
	bytes    []byte
	moved    int
	target   int // Of a flush that has had its turn: what must be read. -1 before.
	progress bool
	seen     int    // The version of the pipe at which it went to sleep.
	outcome  string // Once it has ended.
}

type closing struct {
	failed bool
	reason string
}

type pipe struct {
	mutex          sync.Mutex
	changed        *sync.Cond // Where calls wait.
	settled        *sync.Cond // Where the driver waits for all calls to wait.
	version        int
	ring           []byte
	written, read  int
	writes, reads  []*call // First come, first served. Flushes stand among the writes until they have had their turn.
	draining       []*call // Flushes that have had their turn.
	live           map[*call]bool
	ended          []*call // Since the last step.
	writer, reader *closing
	dropped        bool
	calls          []*call
}

func newPipe() *pipe {
	p := &pipe{live: map[*call]bool{}}
	p.changed = sync.NewCond(&p.mutex)
	p.settled = sync.NewCond(&p.mutex)
	return p
}

// change wakes every call that waits, since what it waits for may hold now.
func (p *pipe) change() {
	p.version++
	p.changed.Broadcast()
}

// wait sleeps until something has changed.
func (p *pipe) wait(c *call) {
	c.seen = p.version
	p.settled.Signal()
	p.changed.Wait()
}

func (p *pipe) end(c *call, outcome string) {
	if c.outcome != "" {
		return
	}
	c.outcome = outcome
	p.writes, p.reads, p.draining = without(p.writes, c), without(p.reads, c), without(p.draining, c)
	p.ended = append(p.ended, c)
	p.change()
}

func without(calls []*call, c *call) []*call {
	rest := []*call{}
	for _, other := range calls {
		if other != c {
			rest = append(rest, other)
		}
	}
	return rest
}

func (p *pipe) atEnd() bool {
	return p.writer != nil && len(p.ring) == 0 && p.writing() == nil
}

// writing is the write that is in progress.
func (p *pipe) writing() *call {
	if len(p.writes) > 0 && p.writes[0].kind == 'w' {
		return p.writes[0]
	}
	return nil
}

// offer gives bytes to the reads that wait, and then to the ring.
func (p *pipe) offer(bytes []byte) int {
	moved := 0
	for len(p.reads) > 0 && moved < len(bytes) {
		r := p.reads[0]
		n := copy(r.bytes, bytes[moved:])
		r.moved = n
		moved += n
		p.read += n
		p.end(r, got(r))
	}
	n := capacity - len(p.ring)
	if n > len(bytes)-moved {
		n = len(bytes) - moved
	}
	p.ring = append(p.ring, bytes[moved:moved+n]...)
	p.written += moved + n
	return moved + n
}

// take fills bytes from the ring, then from the write in progress.
func (p *pipe) take(bytes []byte) int {
	n := copy(bytes, p.ring)
	p.ring = p.ring[n:]
	if w := p.writing(); w != nil && len(p.ring) == 0 {
		m := copy(bytes[n:], w.bytes[w.moved:])
		w.moved += m
		p.written += m
		n += m
	}
	p.read += n
	if n > 0 {
		p.change()
	}
	return n
}

func got(c *call) string {
	h := fnv.New32a()
	h.Write(c.bytes[:c.moved])
	return fmt.Sprintf("%d/%d", c.moved, h.Sum32())
}

// refusal is the error of a call of kind because of side, which closed as c says.
func refusal(kind byte, moved int, c *closing, side string) string {
	own := (kind == 'r') == (side == "reader")
	if c.failed && !own {
		return "error " + c.reason
	}
	if kind == 'r' {
		moved = 0
	}
	return fmt.Sprintf("closed %s %d", side, moved)
}

// refusalOfNew is the error of a call that is made now: of its own side first.
func (p *pipe) refusalOfNew(kind byte, moved int) string {
	if kind == 'r' || p.writer == nil {
		return refusal(kind, moved, p.reader, "reader")
	}
	return refusal(kind, moved, p.writer, "writer")
}

func (p *pipe) takenOf(f *call) int {
	if f.target >= 0 && f.target < p.read {
		return f.target
	}
	return p.read
}

func (p *pipe) write(c *call) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for c.outcome == "" && p.writes[0] != c {
		p.wait(c) // Sleep until it is this write's turn.
	}
	if c.outcome == "" {
		c.moved += p.offer(c.bytes)
	}
	for c.outcome == "" && len(c.bytes)-c.moved > capacity-len(p.ring) {
		p.wait(c) // Sleep until the rest has room.
	}
	if c.outcome == "" {
		c.moved += p.offer(c.bytes[c.moved:])
		p.end(c, strconv.Itoa(c.moved))
	}
	p.leave(c)
}

func (p *pipe) flush(c *call) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for c.outcome == "" && p.writes[0] != c {
		p.wait(c) // Sleep until the writes before it are done.
	}
	if c.outcome == "" {
		c.target = p.written
		p.writes = without(p.writes, c)
		p.draining = append(p.draining, c)
		p.change()
	}
	for c.outcome == "" && p.read < c.target {
		p.wait(c) // Sleep until all of that is read.
	}
	p.end(c, "done")
	p.leave(c)
}

func (p *pipe) readInto(c *call) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for c.outcome == "" && p.reads[0] != c {
		p.wait(c) // Sleep until it is this read's turn.
	}
	for c.outcome == "" {
		if c.moved = p.take(c.bytes); c.moved > 0 {
			p.end(c, got(c))
		} else if p.atEnd() {
			p.end(c, p.eof())
		} else {
			p.wait(c) // Sleep until there is a byte, or the end.
		}
	}
	p.leave(c)
}

func (p *pipe) eof() string {
	if p.writer.failed {
		return "error " + p.writer.reason
	}
	return "end"
}

func (p *pipe) leave(c *call) {
	delete(p.live, c)
	p.settled.Signal()
}

// settle waits until every call has ended or waits for something that does not hold.
func (p *pipe) settle() {
	for {
		waiting := true
		for c := range p.live {
			waiting = waiting && c.seen == p.version
		}
		if waiting {
			return
		}
		p.settled.Wait()
	}
}

func (p *pipe) rejectWrites(how *closing, side string) {
	for _, c := range p.writes {
		if c.kind == 'w' {
			p.dropped = true
			p.end(c, refusal('w', c.moved, how, side))
		} else {
			p.end(c, refusal('f', p.takenOf(c), how, side))
		}
	}
}

func (p *pipe) closeWriter(how closing) {
	if p.writer != nil {
		return
	}
	p.writer = &how
	if how.failed {
		p.rejectWrites(p.writer, "writer")
	}
	p.change()
}

func (p *pipe) closeReader(how closing) {
	if p.reader != nil {
		return
	}
	p.dropped = p.dropped || len(p.ring) > 0
	p.reader = &how
	p.rejectWrites(p.reader, "reader")
	for _, c := range p.reads {
		p.end(c, refusal('r', 0, p.reader, "reader"))
	}
	for _, c := range p.draining {
		p.end(c, refusal('f', p.takenOf(c), p.reader, "reader"))
	}
	p.ring = nil
	p.change()
}

// abort is the abort of the signal of the pipe.
func (p *pipe) abort() {
	failure := closing{true, "x"}
	if p.reader != nil {
		return
	}
	if p.writer == nil {
		p.closeWriter(failure)
	} else if w := p.writing(); w != nil {
		p.writer = &failure
		p.rejectWrites(p.writer, "writer")
		p.change()
	}
}

func pattern(id, size int) []byte {
	bytes := make([]byte, size)
	for i := range bytes {
		bytes[i] = byte(id*101 + i*31 + i>>8*7)
	}
	return bytes
}

// begin starts a call, or settles it at once where it need not wait for its turn.
func (p *pipe) begin(kind byte, size int, progress bool) {
	c := &call{id: len(p.calls), kind: kind, target: -1, progress: progress, seen: -1}
	p.calls = append(p.calls, c)
	closed := p.writer != nil || p.reader != nil
	switch kind {
	case 'w':
		c.bytes = pattern(c.id, size)
		if closed {
			p.end(c, p.refusalOfNew('w', 0))
		} else if size == 0 {
			p.end(c, "0")
		} else {
			p.writes, p.live[c] = append(p.writes, c), true
			go p.write(c)
		}
	case 'r':
		c.bytes = make([]byte, size)
		if p.reader != nil {
			p.end(c, p.refusalOfNew('r', 0))
		} else if size == 0 && !p.atEnd() {
			p.end(c, got(c))
		} else {
			p.reads, p.live[c] = append(p.reads, c), true
			go p.readInto(c)
		}
	case 'f':
		if closed && (p.dropped || p.writer != nil && p.writer.failed) {
			c.moved = p.read
			p.end(c, p.refusalOfNew('f', p.read))
		} else {
			p.writes, p.live[c] = append(p.writes, c), true
			go p.flush(c)
		}
	}
}

func (p *pipe) tryWrite(size int) string {
	bytes := pattern(len(p.calls), size)
	p.calls = append(p.calls, nil)
	if p.writer != nil || p.reader != nil {
		return p.refusalOfNew('w', 0)
	}
	if len(p.writes) > 0 {
		return "0"
	}
	n := p.offer(bytes)
	p.change()
	return strconv.Itoa(n)
}

func (p *pipe) tryRead(size int) string {
	c := &call{bytes: make([]byte, size)}
	p.calls = append(p.calls, nil)
	if p.reader != nil {
		return p.refusalOfNew('r', 0)
	}
	if len(p.reads) > 0 {
		return got(c)
	}
	if c.moved = p.take(c.bytes); c.moved == 0 && p.atEnd() {
		return p.eof()
	}
	return got(c)
}

// step plays one step and returns the line of it.
func (p *pipe) step(step string) string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	progress := strings.HasSuffix(step, "p")
	number, _ := strconv.Atoi(strings.TrimSuffix(step[1:], "p"))
	result := ""
	switch step[0] {
	case 'w', 'r', 'f':
		p.begin(step[0], number, progress)
	case 't':
		result = p.tryWrite(number)
	case 'y':
		result = p.tryRead(number)
	case 'a':
		if number < len(p.calls) && p.calls[number] != nil {
			p.end(p.calls[number], "aborted")
		}
	case 'c':
		p.closeWriter(closing{})
	case 'e':
		p.closeWriter(closing{true, strconv.Itoa(number)})
	case 'C':
		p.closeReader(closing{})
	case 'E':
		p.closeReader(closing{true, strconv.Itoa(number)})
	case 'x':
		p.abort()
	}
	p.settle()
	sort.Slice(p.ended, func(i, j int) bool { return p.ended[i].id < p.ended[j].id })
	line := result
	for _, c := range p.ended {
		line += fmt.Sprintf(" %d:%s", c.id, c.outcome)
		if c.progress && c.kind == 'f' {
			line += fmt.Sprintf("+%d", p.takenOf(c))
		} else if c.progress {
			line += fmt.Sprintf("+%d", c.moved)
		}
	}
	p.ended = nil
	readerClosed, writerClosed := p.reader != nil || p.atEnd(), p.writer != nil || p.reader != nil
	return fmt.Sprintf("%s %d %d %t %t", line, p.written, p.read, readerClosed, writerClosed)
}

// stop ends the calls that still wait, so that no goroutine is left.
func (p *pipe) stop() {
	p.mutex.Lock()
	p.closeReader(closing{})
	p.closeWriter(closing{})
	p.settle()
	p.mutex.Unlock()
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for in.Scan() {
		steps := strings.Fields(in.Text())
		if steps[0] == "go" {
			fmt.Fprintln(out, playStandard(steps[1:]))
			out.Flush()
			continue
		}
		p := newPipe()
		lines := []string{}
		for _, step := range steps {
			lines = append(lines, p.step(step))
		}
		p.stop()
		fmt.Fprintln(out, strings.Join(lines, ";"))
		out.Flush()
	}
}
