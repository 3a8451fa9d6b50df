// Plays scripts, one JSON line each. Its answer to each is one line with what happened after every step.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

type step struct {
	Do      string `json:"do"`
	ID      int    `json:"id"`
	Bytes   int    `json:"bytes"`
	Aborted bool   `json:"aborted"`
	Error   string `json:"error"`
}

type script struct {
	Policy string `json:"policy"`
	Steps  []step `json:"steps"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for in.Scan() {
		var s script
		if err := json.Unmarshal(in.Bytes(), &s); err != nil {
			panic(err)
		}
		answer, _ := json.Marshal(play(s))
		out.Write(append(answer, '\n'))
		out.Flush()
	}
}

func play(s script) []string {
	if s.Policy == "io.Pipe" {
		return playIoPipe(s.Steps)
	}
	policies := map[string]policy{"pipe": {true, capacity + 1}, "shared": {false, 256}}
	p := &pipe{crew: newCrew(s.Policy == "shared"), policy: policies[s.Policy]}
	p.Lock()
	defer p.Unlock()
	calls := map[int]*call{}
	lines := []string{}
	line := "" // All calls that have settled in this step, whichever step began them.
	for _, st := range s.Steps {
		line = ""
		begin := func(kind string, on side, operation func(*call) string) {
			c := &call{member: p.member(on), id: st.ID, kind: kind, length: st.Bytes, aborted: st.Aborted}
			if kind == "write" {
				c.data = pattern(st.ID, st.Bytes)
			}
			calls[st.ID] = c
			p.start(c.member, func() {
				line += fmt.Sprintf("%d=%s;", c.id, operation(c))
				delete(calls, c.id)
			})
		}
		switch st.Do {
		case "write":
			begin("write", writer, p.write)
		case "read":
			begin("read", reader, p.read)
		case "flush":
			begin("flush", writer, p.flush)
		case "tryWrite":
			line += p.tryWrite(pattern(st.ID, st.Bytes)) + ";"
		case "tryRead":
			line += p.tryRead(st.Bytes) + ";"
		case "abort":
			if c := calls[st.ID]; c != nil {
				p.abort(c)
			}
		case "closeWriter":
			p.closeWriter(closing{st.Error != "", st.Error})
		case "closeReader":
			p.closeReader(closing{st.Error != "", st.Error})
		}
		p.settle()
		lines = append(lines, fmt.Sprintf("%s|%s", line, p.state()))
	}
	return lines
}

func (p *pipe) state() string {
	closed := func(yes bool) string {
		if yes {
			return "closed"
		}
		return "open"
	}
	read := closed(p.closings[reader] != nil || p.ended())
	written := closed(p.closings[writer] != nil || p.closings[reader] != nil)
	return fmt.Sprintf("%s %s %d %d", read, written, p.bytesWritten, p.bytesRead)
}

// Each byte encodes its call and its position in that call.
func pattern(id, length int) []byte {
	bytes := make([]byte, length)
	for i := range bytes {
		bytes[i] = byte(id*31 + i*7 + (i>>8)*13)
	}
	return bytes
}
