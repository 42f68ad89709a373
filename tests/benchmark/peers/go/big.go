// SPDX-License-Identifier: MIT

package main

import "time"

// note is a ping or the answer to one, for a mailbox that takes both.
type note struct {
	from   uint64
	isPong bool
}

type pinger struct {
	all    []chan note
	number uint64
	random uint64
}

func (p *pinger) ping() {
	p.random ^= p.random << 13
	p.random ^= p.random >> 7
	p.random ^= p.random << 17
	n := uint64(len(p.all))
	p.all[(p.number+1+p.random%(n-1))%n] <- note{from: p.number}
}

func (p *pinger) run(n int, done chan<- bool, answered chan<- int) {
	left, pings := n, 0
	for m := range p.all[p.number] {
		if m.isPong {
			expect(m.from == p.number, "somebody else's pong")
			left--
			if left > 0 {
				p.ping()
			} else {
				done <- true
			}
		} else {
			pings++
			p.all[m.from] <- note{m.from, true}
		}
	}
	answered <- pings
}

// big is actors that ping others at random, one at a time. A mailbox has room for a ping of each of
// them and the pong, so that nobody ever waits for room.
func big(s settings) result {
	all := make([]chan note, s.actors)
	for i := range all {
		all[i] = make(chan note, s.actors+1)
	}
	done, answered := make(chan bool, s.actors), make(chan int, s.actors)
	begins := make(chan bool)
	for i := range all {
		p := &pinger{all, uint64(i), (uint64(i) + 1) * 0x9e3779b97f4a7c15}
		go func() {
			<-begins
			p.ping()
			p.run(s.n, done, answered)
		}()
	}
	begin := time.Now()
	close(begins)
	for range all {
		<-done
	}
	r := since(begin, s.n*s.actors)
	pings := 0
	for _, mailbox := range all {
		close(mailbox)
	}
	for range all {
		pings += <-answered
	}
	expect(pings == s.n*s.actors, "the number of pings")
	return r
}
