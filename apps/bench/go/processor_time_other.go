//go:build !unix

package main

import "time"

// processorTime is not known here; a stopwatch then tells the time of the clock.
func processorTime() time.Duration { return 0 }
