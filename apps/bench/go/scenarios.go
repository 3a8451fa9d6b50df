package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

// send writes count chunks, as ../src/subjects do, and ends the stream.
func send(writer *io.PipeWriter, chunks [][]byte, count int) error {
	next := 0
	for left := count; left > 0; left-- {
		if _, err := writer.Write(chunks[next]); err != nil {
			return err
		}
		if next++; next == len(chunks) {
			next = 0
		}
	}
	return writer.Close()
}

// receive reads to the end and touches one byte in 4,096, so that each implementation has seen what it received.
func receive(reader *io.PipeReader, into []byte) (bytes int64, sum int64, err error) {
	for {
		length, err := reader.Read(into)
		for at := 0; at < length; at += 4096 {
			sum += int64(into[at])
		}
		bytes += int64(length)
		if err == io.EOF {
			return bytes, sum, nil
		}
		if err != nil {
			return bytes, sum, err
		}
	}
}

// transfer moves chunks from one goroutine to another.
type transfer struct {
	pace
	chunks   [][]byte
	settings parameters
	sum      int64
}

func (t *transfer) run(count int) (time.Duration, error) {
	into := make([]byte, t.settings.ReadBytes)
	clock := startStopwatch()
	reader, writer := io.Pipe()
	sent := make(chan error, 1)
	go func() { sent <- send(writer, t.chunks, count) }()
	bytes, sum, err := receive(reader, into)
	if err == nil {
		err = <-sent
	}
	elapsed := clock.elapsed()
	t.sum += sum
	if expected := int64(count) * int64(t.settings.ChunkBytes); err == nil && bytes != expected {
		err = fmt.Errorf("delivered %d bytes of %d", bytes, expected)
	}
	return elapsed, err
}

func (t *transfer) warmUp(milliseconds float64) error { return t.pace.warmUp(milliseconds, t.run) }

func (t *transfer) count(milliseconds float64) int {
	if t.settings.TotalBytes > 0 {
		return int(t.settings.TotalBytes / int64(t.settings.ChunkBytes))
	}
	return t.steps(milliseconds)
}

func (t *transfer) measure(milliseconds float64) (reply, error) {
	count := t.count(milliseconds)
	// A run-up that is not measured, so that no idle time before it is seen in it.
	if _, err := t.run(t.steps(milliseconds)/5 + 1); err != nil {
		return nil, err
	}
	elapsed, err := t.run(count)
	return reply{
		"cost": float64(elapsed.Nanoseconds()) / float64(count), "unit": "ns/chunk",
		"steps": count, "elapsedNs": elapsed.Nanoseconds(), "sum": t.sum,
	}, err
}

// timer runs a transfer and counts how often a timer of 10 ms fires meanwhile.
type timer struct{ transfer }

// measure takes at least so long: in a shorter time a timer that did not fire says nothing.
func (t *timer) measure(milliseconds float64) (reply, error) {
	for steps := t.count(milliseconds); ; steps *= 2 {
		fired, elapsed, err := t.beside(steps)
		if err != nil || float64(elapsed.Nanoseconds()) >= milliseconds*1e6 {
			return reply{"fired": fired, "elapsedNs": elapsed.Nanoseconds()}, err
		}
	}
}

func (t *timer) beside(steps int) (int, time.Duration, error) {
	ticker := time.NewTicker(10 * time.Millisecond)
	stop, counted := make(chan struct{}), make(chan int)
	go func() {
		fired := 0
		for {
			select {
			case <-ticker.C:
				fired++
			case <-stop:
				counted <- fired
				return
			}
		}
	}()
	elapsed, err := t.run(steps)
	ticker.Stop()
	close(stop)
	return <-counted, elapsed, err
}

// pingPong sends one ball there and back over two pipes.
type pingPong struct {
	pace
	ball []byte
}

func (p *pingPong) run(count int) (time.Duration, error) {
	clock := startStopwatch()
	thereReader, thereWriter := io.Pipe()
	backReader, backWriter := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- playSecond(thereReader, backWriter, len(p.ball), count) }()
	err := playFirst(thereWriter, backReader, p.ball, count)
	if err == nil {
		err = <-done
	}
	return clock.elapsed(), err
}

func playFirst(writer *io.PipeWriter, reader *io.PipeReader, ball []byte, count int) error {
	into := make([]byte, len(ball))
	for left := count; left > 0; left-- {
		if _, err := writer.Write(ball); err != nil {
			return err
		}
		if _, err := io.ReadFull(reader, into); err != nil {
			return err
		}
	}
	return nil
}

func playSecond(reader *io.PipeReader, writer *io.PipeWriter, size int, count int) error {
	into := make([]byte, size)
	for left := count; left > 0; left-- {
		if _, err := io.ReadFull(reader, into); err != nil {
			return err
		}
		if _, err := writer.Write(into); err != nil {
			return err
		}
	}
	return nil
}

func (p *pingPong) warmUp(milliseconds float64) error { return p.pace.warmUp(milliseconds, p.run) }

func (p *pingPong) measure(milliseconds float64) (reply, error) {
	count := p.steps(milliseconds)
	elapsed, err := p.run(count)
	return reply{
		"cost": float64(elapsed.Nanoseconds()) / float64(count), "unit": "ns/round trip",
		"steps": count, "elapsedNs": elapsed.Nanoseconds(),
	}, err
}

// stall counts the bytes that a writer writes while no reader reads.
type stall struct {
	file     []byte
	settings parameters
}

func (s *stall) warmUp(float64) error { return nil }

func (s *stall) measure(milliseconds float64) (reply, error) {
	var accepted []reply
	for _, size := range s.settings.ChunkSizeBytes {
		chunk := chunksOf(s.file, size)[0]
		reader, writer := io.Pipe()
		total := make(chan int)
		go func() {
			bytes := 0
			for {
				length, err := writer.Write(chunk)
				bytes += length
				if err != nil {
					total <- bytes
					return
				}
			}
		}()
		time.Sleep(time.Duration(milliseconds * 1e6))
		reader.Close()
		accepted = append(accepted, reply{"chunkBytes": size, "acceptedBytes": <-total, "bounded": true})
	}
	return reply{"accepted": accepted}, nil
}

// wholeFile sends the file once for each chunk size and hashes what arrives.
type wholeFile struct {
	file     []byte
	settings parameters
}

func (w *wholeFile) warmUp(float64) error { return nil }

func (w *wholeFile) measure(float64) (reply, error) {
	var arrived []reply
	for _, size := range w.settings.ChunkSizeBytes {
		var chunks [][]byte
		for start := 0; start < len(w.file); start += size {
			end := start + size
			if end > len(w.file) {
				end = len(w.file)
			}
			chunks = append(chunks, w.file[start:end])
		}
		reader, writer := io.Pipe()
		go send(writer, chunks, len(chunks))
		hash := sha256.New()
		bytes, err := io.Copy(hash, reader)
		if err != nil {
			return nil, err
		}
		arrived = append(arrived, reply{"chunkBytes": size, "bytes": bytes, "sha256": hex.EncodeToString(hash.Sum(nil))})
	}
	return reply{"arrived": arrived}, nil
}
