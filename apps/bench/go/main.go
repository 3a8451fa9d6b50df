// Command bench is the implementation "Go io.Pipe". It speaks the protocol of ../src/runner/protocol.ts: one task as its only
// argument, one request a line on stdin, one reply a line on stdout. It ends when stdin ends.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"
)

type task struct {
	Scenario   string
	File       string
	Parameters parameters
}

type parameters struct {
	ChunkBytes     int
	ChunkSizeBytes []int `json:"chunkSizesBytes"`
	PoolBytes      int64
	ReadBytes      int
	TotalBytes     int64
}

type request struct {
	WarmUpMs  float64
	MeasureMs float64
}

type reply map[string]any

// A scenario is warmed up and measured as often as it is asked to be.
type scenario interface {
	warmUp(milliseconds float64) error
	measure(milliseconds float64) (reply, error)
}

func main() {
	// The parent decides when its implementations end, also when a terminal interrupts all of them at once.
	signal.Ignore(os.Interrupt)
	replies := json.NewEncoder(os.Stdout)
	current, err := prepare()
	if err != nil {
		_ = replies.Encode(reply{"error": err.Error()})
		return
	}
	_ = replies.Encode(reply{"ready": runtime.Version()})
	requests := json.NewDecoder(bufio.NewReader(os.Stdin))
	for {
		var asked request
		if requests.Decode(&asked) != nil {
			return
		}
		answer, err := answer(current, asked)
		if err != nil {
			answer = reply{"error": err.Error()}
		}
		_ = replies.Encode(answer)
	}
}

func answer(current scenario, asked request) (reply, error) {
	if asked.WarmUpMs > 0 {
		return reply{}, current.warmUp(asked.WarmUpMs)
	}
	return current.measure(asked.MeasureMs)
}

func prepare() (scenario, error) {
	var given task
	if err := json.Unmarshal([]byte(os.Args[1]), &given); err != nil {
		return nil, err
	}
	file, err := read(given)
	if err != nil {
		return nil, err
	}
	settings := given.Parameters
	if settings.ReadBytes == 0 {
		settings.ReadBytes = 64 * 1024
	}
	switch given.Scenario {
	case "transfer":
		return &transfer{chunks: chunksOf(file, settings.ChunkBytes), settings: settings}, nil
	case "timer":
		return &timer{transfer{chunks: chunksOf(file, settings.ChunkBytes), settings: settings}}, nil
	case "ping-pong":
		return &pingPong{ball: chunksOf(file, settings.ChunkBytes)[0]}, nil
	case "stall":
		return &stall{file: file, settings: settings}, nil
	case "file":
		return &wholeFile{file: file, settings: settings}, nil
	}
	return nil, fmt.Errorf("the Go implementation does not know the scenario %q", given.Scenario)
}

// read reads the file, or its first poolBytes if that is set.
func read(given task) ([]byte, error) {
	if given.Parameters.PoolBytes == 0 {
		return os.ReadFile(given.File)
	}
	file, err := os.Open(given.File)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, given.Parameters.PoolBytes))
}

// chunksOf cuts the file into chunks of equal length; a file shorter than one chunk is repeated to fill it.
func chunksOf(file []byte, size int) [][]byte {
	pool := file
	for len(pool) < size {
		pool = append(pool[:len(pool):len(pool)], file...)
	}
	var chunks [][]byte
	for start := 0; start+size <= len(pool); start += size {
		chunks = append(chunks, pool[start:start+size])
	}
	return chunks
}

// A pace turns milliseconds into a number of steps, once it has seen how long steps take.
type pace struct{ stepsPerMs float64 }

// warmUp repeats run with ever more steps until the time is over, and remembers the speed of the last run.
func (p *pace) warmUp(milliseconds float64, run func(steps int) (time.Duration, error)) error {
	end := time.Now().Add(time.Duration(milliseconds * 1e6))
	for steps := 64; ; {
		elapsed, err := run(steps)
		if err != nil {
			return err
		}
		p.stepsPerMs = float64(steps) / (float64(elapsed.Nanoseconds()) / 1e6)
		if !time.Now().Before(end) {
			return nil
		}
		if float64(elapsed.Nanoseconds()) < milliseconds*1e6/4 {
			steps *= 2
		}
	}
}

func (p *pace) steps(milliseconds float64) int {
	return int(p.stepsPerMs*milliseconds) + 1
}
