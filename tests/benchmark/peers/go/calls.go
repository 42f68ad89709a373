// SPDX-License-Identifier: MIT

package main

import "time"

// request is a message that is answered. Who asks one thing after the other uses one reply channel.
type request struct {
	value uint64
	reply chan uint64
}

func ask(callee chan<- request, reply chan uint64, value uint64) uint64 {
	callee <- request{value, reply}
	return <-reply
}

// counter adds one, and what all after it in a chain add.
func chainOf(n, capacity int) chan request {
	var next chan request
	for i := 0; i < n; i++ {
		own := make(chan request, capacity)
		if next == nil {
			go answer(own)
		} else {
			go func(next chan<- request) {
				reply := make(chan uint64, 1)
				for r := range own {
					r.reply <- ask(next, reply, r.value+1)
				}
			}(next)
		}
		next = own
	}
	return next
}

// callIt sends each answer with the next question, so that none can be missed.
func callIt(callee chan<- request, n, levels int) {
	reply := make(chan uint64, 1)
	value := uint64(0)
	for i := 0; i < n; i++ {
		value = ask(callee, reply, value)
	}
	expect(value == uint64(n)*uint64(levels), "the sum of the calls")
}

func callFromActor(s settings, levels int) result {
	callee := chainOf(levels, s.capacity)
	own, done := make(chan int, 1), make(chan bool)
	go func() {
		callIt(callee, <-own, levels)
		done <- true
	}()
	begin := time.Now()
	own <- s.n
	<-done
	return since(begin, s.n*levels)
}

func call(s settings) result {
	return callFromActor(s, 1)
}

func callNested(s settings) result {
	return callFromActor(s, s.actors)
}

// callFromMain calls from the main goroutine: there is no plain thread to call from.
func callFromMain(s settings) result {
	callee := chainOf(1, s.capacity)
	begin := time.Now()
	callIt(callee, s.n, 1)
	return since(begin, s.n)
}
