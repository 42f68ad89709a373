// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// create is an actor that creates others, each of which handles a message and ends.
func create(s settings) result {
	var greeted uint64
	done := make(chan bool)
	begin := time.Now()
	go func() {
		for i := 0; i < s.n; i++ {
			mailbox := make(chan uint64, s.capacity)
			go func() {
				if atomic.AddUint64(&greeted, <-mailbox) == uint64(s.n) {
					done <- true
				}
			}()
			mailbox <- 1
		}
	}()
	<-done
	return since(begin, s.n)
}

func node(depth int, parent chan<- uint64) {
	if depth == 0 {
		parent <- 1
		return
	}
	mailbox := make(chan uint64, 2)
	go node(depth-1, mailbox)
	go node(depth-1, mailbox)
	sum := <-mailbox
	sum += <-mailbox
	parent <- sum + 1
}

// tree is actors that each spawn two, and send up the sum of what these send.
func tree(s settings) result {
	n := 2<<s.depth - 1
	mailbox := make(chan uint64, 1)
	begin := time.Now()
	go node(s.depth, mailbox)
	sum := <-mailbox
	r := since(begin, n)
	expect(sum == uint64(n), "the sum of the tree")
	return r
}

// resident is what the system counts, without what only waits to be collected.
func resident() float64 {
	var pages int
	debug.FreeOSMemory()
	file, err := os.Open("/proc/self/statm")
	if err == nil {
		defer file.Close()
		_, err = fmt.Fscanf(file, "%d %d", new(int), &pages)
	}
	if err != nil {
		wrong(err.Error())
	}
	return float64(pages * os.Getpagesize())
}

func bytesEach(bytes float64, n int) result {
	return result{n, []figure{{"bytes_per_op", bytes / float64(n)}}}
}

func answer(own <-chan request) {
	for r := range own {
		r.reply <- r.value + 1
	}
}

// idle is actors that wait for a message.
func idle(s settings) result {
	mailboxes := make([]chan request, s.n)
	before := resident()
	for i := range mailboxes {
		mailboxes[i] = make(chan request, s.capacity)
		go answer(mailboxes[i])
	}
	reply := make(chan uint64, 1)
	for i := 0; i < s.n; i += s.n/1000 + 1 {
		mailboxes[i] <- request{uint64(i), reply}
		expect(<-reply == uint64(i)+1, "an idle actor's answer")
	}
	bytes := resident() - before
	runtime.KeepAlive(mailboxes)
	return bytesEach(bytes, s.n)
}

// idleWaiting is actors that wait for an answer, all of them at once.
func idleWaiting(s settings) result {
	oracle := make(chan request, s.capacity)
	all, release, done := make(chan bool), make(chan bool), make(chan bool, s.n)
	asked := make([]request, s.n)
	go func() {
		for i := range asked {
			asked[i] = <-oracle
		}
		all <- true
		<-release
		for _, r := range asked {
			r.reply <- r.value + 1
		}
	}()
	mailboxes := make([]chan uint64, s.n)
	before := resident()
	for i := range mailboxes {
		mailboxes[i] = make(chan uint64, s.capacity)
		go func(own <-chan uint64) {
			value := <-own
			reply := make(chan uint64, 1)
			oracle <- request{value, reply}
			expect(<-reply == value+1, "the answer")
			done <- true
		}(mailboxes[i])
		mailboxes[i] <- uint64(i)
	}
	<-all
	bytes := resident() - before
	release <- true
	for range mailboxes {
		<-done
	}
	return bytesEach(bytes, s.n)
}
