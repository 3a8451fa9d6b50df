package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
)

// Plays a script on Go's own io.Pipe. At most one write and one read are pending, because Go does not specify the order of concurrent calls.
func playIoPipe(steps []step) []string {
	r, w := io.Pipe()
	lines := []string{}
	var mutex sync.Mutex
	line := ""
	say := func(text string) {
		mutex.Lock()
		line += text
		mutex.Unlock()
	}
	for _, st := range steps {
		st := st
		line = ""
		switch st.Do {
		case "write":
			go func() {
				n, err := w.Write(pattern(st.ID, st.Bytes))
				say(fmt.Sprintf("%d=%d %s;", st.ID, n, word(err)))
			}()
		case "read":
			go func() {
				data := make([]byte, st.Bytes)
				n, err := r.Read(data)
				if n > 0 {
					say(fmt.Sprintf("%d=%s %s;", st.ID, received(data[:n]), word(err)))
				} else {
					say(fmt.Sprintf("%d=%s;", st.ID, word(err)))
				}
			}()
		case "closeWriter":
			w.CloseWithError(errorOf(st.Error))
		case "closeReader":
			r.CloseWithError(errorOf(st.Error))
		}
		settleGoroutines()
		mutex.Lock()
		lines = append(lines, line)
		mutex.Unlock()
	}
	r.Close()
	w.Close()
	settleGoroutines()
	return lines
}

func errorOf(text string) error {
	if text == "" {
		return nil
	}
	return errors.New(text)
}

func word(err error) string {
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

// Returns when every other goroutine waits in the select of a pipe, or has ended.
func settleGoroutines() {
	buffer := make([]byte, 1<<16)
	for {
		runtime.Gosched()
		stacks := strings.Split(string(buffer[:runtime.Stack(buffer, true)]), "\n\n")
		busy := 0
		for _, stack := range stacks[1:] {
			if !strings.Contains(stack[:strings.Index(stack+"\n", "\n")], "[select") {
				busy++
			}
		}
		if busy == 0 {
			return
		}
	}
}
