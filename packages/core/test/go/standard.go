package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// playStandard plays a script on Go's own io.Pipe. Only one call of each side is in flight at a time, and a step begins when it is certain what the
// one before has done: a call is known to wait by what is left of the bytes.
func playStandard(steps []string) string {
	r, w := io.Pipe()
	var group sync.WaitGroup
	results := make(chan string, 2)
	inFlight := map[byte]bool{}
	unread, wanted := 0, 0 // Of the write and of the read in flight.
	closed := map[byte]bool{}
	lines := []string{}
	for id, step := range steps {
		number, _ := strconv.Atoi(step[1:])
		ended := 0
		switch step[0] {
		case 'w':
			bytes := pattern(id, number)
			group.Add(1)
			inFlight['w'], unread = true, number
			go func(id int) {
				defer group.Done()
				n, err := w.Write(bytes)
				results <- fmt.Sprintf("%d:%s %d", id, name(err), n)
			}(id)
		case 'r':
			into := make([]byte, number)
			group.Add(1)
			inFlight['r'], wanted = true, number
			go func(id int) {
				defer group.Done()
				n, err := r.Read(into)
				c := &call{bytes: into, moved: n}
				results <- fmt.Sprintf("%d:%s %s", id, name(err), got(c))
			}(id)
		case 'c':
			w.Close()
		case 'e':
			w.CloseWithError(errors.New("error " + step[1:]))
		case 'C':
			r.Close()
		case 'E':
			r.CloseWithError(errors.New("error " + step[1:]))
		}
		closed[step[0]] = true
		if closed['c'] || closed['e'] || closed['C'] || closed['E'] {
			ended = len(inFlight)
			inFlight, unread = map[byte]bool{}, 0
		} else if inFlight['r'] && inFlight['w'] {
			delete(inFlight, 'r')
			ended++
			if unread -= wanted; unread <= 0 {
				delete(inFlight, 'w')
				ended++
			}
		}
		settled := []string{}
		for ; ended > 0; ended-- {
			settled = append(settled, <-results)
		}
		if len(settled) == 2 && settled[0] > settled[1] {
			settled[0], settled[1] = settled[1], settled[0]
		}
		lines = append(lines, strings.Join(settled, " "))
	}
	r.Close()
	group.Wait()
	return strings.Join(lines, ";")
}

func name(err error) string {
	switch err {
	case nil:
		return "ok"
	case io.EOF:
		return "end"
	case io.ErrClosedPipe:
		return "closed"
	}
	return err.Error()
}
