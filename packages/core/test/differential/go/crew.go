package main

import "sync"

// A crew is a group of goroutines that share a mutex and wait for each other at conditions. To make each script deterministic, one
// goroutine runs at a time, and woken goroutines resume in the order in which they were woken.
type crew struct {
	sync.Mutex
	idle    *sync.Cond
	running bool
	ready   []*member
	// Whether those of the side that ran last go first, as the calls of one thread do.
	sameSideFirst bool
	last          side
}

type member struct {
	side    side
	turn    *sync.Cond
	woken   bool
	waiting bool
	run     func()
	started bool
}

func newCrew(sameSideFirst bool) *crew {
	c := &crew{sameSideFirst: sameSideFirst}
	c.idle = sync.NewCond(&c.Mutex)
	return c
}

func (c *crew) member(s side) *member { return &member{side: s, turn: sync.NewCond(&c.Mutex)} }

// Waits until the goroutine was woken and it is its turn. The caller checks its condition again.
func (c *crew) wait(m *member) {
	m.waiting = true
	c.stop()
	for !m.woken {
		m.turn.Wait()
	}
	m.woken = false
}

func (c *crew) wake(m *member) {
	if m == nil || !m.waiting {
		return
	}
	m.waiting = false
	c.ready = append(c.ready, m)
}

// Starts a goroutine, and returns when all of them wait or have ended.
func (c *crew) start(m *member, run func()) {
	m.run = run
	c.ready = append(c.ready, m)
	c.settle()
}

// Resumes the woken goroutines until none is ready.
func (c *crew) settle() {
	for len(c.ready) > 0 {
		m := c.next()
		c.running = true
		c.last = m.side
		if m.started {
			m.woken = true
			m.turn.Signal()
		} else {
			m.started = true
			go func() {
				c.Lock()
				defer c.Unlock()
				m.run()
				c.stop()
			}()
		}
		for c.running {
			c.idle.Wait()
		}
	}
}

func (c *crew) stop() {
	c.running = false
	c.idle.Signal()
}

func (c *crew) next() *member {
	at := 0
	if c.sameSideFirst {
		for i, m := range c.ready {
			if m.side == c.last {
				at = i
				break
			}
		}
	}
	m := c.ready[at]
	c.ready = append(append([]*member{}, c.ready[:at]...), c.ready[at+1:]...)
	return m
}
