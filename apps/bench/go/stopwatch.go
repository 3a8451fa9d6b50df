package main

import "time"

// A stopwatch tells the time since it was started, without what the process spent waiting for a processor, which other
// programs may have had; ../src/scenarios/platform.ts has the same for JavaScript.
type stopwatch struct {
	started time.Time
	used    time.Duration
}

func startStopwatch() stopwatch { return stopwatch{time.Now(), processorTime()} }

func (s stopwatch) elapsed() time.Duration {
	elapsed := time.Since(s.started)
	if used := processorTime() - s.used; used > 0 && used < elapsed {
		return used
	}
	return elapsed
}
