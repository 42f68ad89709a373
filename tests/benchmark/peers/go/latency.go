// SPDX-License-Identifier: MIT

package main

import (
	"sort"
	"sync/atomic"
	"time"
)

// work is a busy actor: it does a little on each message and sends itself the next.
func work(own chan uint64, steps int, over *int32, done chan<- uint64) {
	for seed := range own {
		for i := 0; i < steps; i++ {
			seed = seed*6364136223846793005 + 1
		}
		if atomic.LoadInt32(over) != 0 {
			done <- seed
			return
		}
		own <- seed
	}
}

// latency is the time of calls between two actors while others keep all threads busy.
func latency(s settings) result {
	var over int32
	done := make(chan uint64)
	for i := 0; i < s.actors; i++ {
		own := make(chan uint64, 1)
		go work(own, s.steps, &over, done)
		own <- uint64(i)
	}
	times := make([]time.Duration, s.n)
	callee := chainOf(1, 1)
	probed := make(chan bool)
	go func() {
		reply := make(chan uint64, 1)
		for i := range times {
			begin := time.Now()
			expect(ask(callee, reply, uint64(i)) == uint64(i)+1, "the answer")
			times[i] = time.Since(begin)
		}
		probed <- true
	}()
	<-probed
	atomic.StoreInt32(&over, 1)
	for i := 0; i < s.actors; i++ {
		<-done
	}
	sort.Slice(times, func(a, b int) bool { return times[a] < times[b] })
	at := func(permille int) float64 {
		return float64(times[s.n*permille/1000].Nanoseconds())
	}
	return result{s.n, []figure{{"p50", at(500)}, {"p99", at(990)}, {"p999", at(999)},
		{"worst", float64(times[s.n-1].Nanoseconds())}}}
}
