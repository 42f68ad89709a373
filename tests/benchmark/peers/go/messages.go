// SPDX-License-Identifier: MIT

package main

import "time"

// pingpong is two actors, and a number that goes back and forth and grows by one each time.
func pingpong(s settings) result {
	last := uint64(2 * s.n)
	ping, pong := make(chan uint64, s.capacity), make(chan uint64, s.capacity)
	done := make(chan bool)
	play := func(own <-chan uint64, other chan<- uint64, expected uint64) {
		for hits := range own {
			expect(hits == expected, "the ball was hit in between")
			expected += 2
			if hits == last {
				done <- true
				return
			}
			other <- hits + 1
		}
	}
	go play(ping, pong, 0)
	go play(pong, ping, 1)
	begin := time.Now()
	ping <- 0
	<-done
	r := since(begin, s.n)
	close(pong)
	return r
}

// load is a message of 8, 64, 512 or 4096 bytes.
type load interface {
	[1]uint64 | [8]uint64 | [64]uint64 | [512]uint64
}

func produce[T load](counter chan<- T, n int) {
	var message T
	for i := 0; i < n; i++ {
		message[0] = uint64(i)
		counter <- message
	}
}

func counter[T load](own <-chan T, n int, ret chan<- uint64) {
	var sum uint64
	for i := 0; i < n; i++ {
		message := <-own
		sum += message[0]
	}
	ret <- sum
}

func loadOf[T load](s settings, senders int) result {
	each := s.n / senders
	n := each * senders
	own := make(chan T, s.capacity)
	done := make(chan uint64)
	go counter(own, n, done)
	begins := make([]chan int, senders)
	for i := range begins {
		begins[i] = make(chan int, 1)
		go func(begin <-chan int) { produce(own, <-begin) }(begins[i])
	}
	begin := time.Now()
	for _, b := range begins {
		b <- each
	}
	sum := <-done
	r := since(begin, n)
	expect(sum == uint64(senders)*uint64(each)*uint64(each-1)/2, "the sum of what was sent")
	return r
}

func loads(s settings, senders int) result {
	switch s.bytes {
	case 8:
		return loadOf[[1]uint64](s, senders)
	case 64:
		return loadOf[[8]uint64](s, senders)
	case 512:
		return loadOf[[64]uint64](s, senders)
	case 4096:
		return loadOf[[512]uint64](s, senders)
	}
	usage("messages are of 8, 64, 512 or 4096 bytes", "bytes")
	return result{}
}

func count(s settings) result {
	return loads(s, 1)
}

func contention(s settings) result {
	return loads(s, s.senders)
}

func ring(s settings, tokens int) result {
	hops := s.n / tokens
	mailboxes := make([]chan int, s.actors)
	for i := range mailboxes {
		mailboxes[i] = make(chan int, s.capacity)
	}
	done := make(chan bool, tokens)
	passed := make(chan int, s.actors)
	for i := range mailboxes {
		go func(own <-chan int, next chan<- int) {
			n := 0
			for left := range own {
				n++
				if left == 0 {
					done <- true
				} else {
					next <- left - 1
				}
			}
			passed <- n
		}(mailboxes[i], mailboxes[(i+1)%s.actors])
	}
	begin := time.Now()
	for i := 0; i < tokens; i++ {
		mailboxes[i*s.actors/tokens] <- hops - 1
	}
	for i := 0; i < tokens; i++ {
		<-done
	}
	r := since(begin, tokens*hops)
	n := 0
	for _, mailbox := range mailboxes {
		close(mailbox)
	}
	for range mailboxes {
		n += <-passed
	}
	expect(n == tokens*hops, "the number of hops")
	return r
}

func ring1(s settings) result {
	return ring(s, 1)
}

func ring64(s settings) result {
	return ring(s, 64)
}

// sel is a producer that sends by turns into two channels, of which the first goes first.
func sel(s settings) result {
	first, second := make(chan uint64, s.capacity), make(chan uint64, s.capacity)
	done := make(chan uint64)
	go func() {
		var sum, value uint64
		for i := 0; i < s.n; i++ {
			select {
			case value = <-first:
			default:
				select {
				case value = <-first:
				case value = <-second:
				}
			}
			sum += value
		}
		done <- sum
	}()
	start := make(chan int, 1)
	go func() {
		n := <-start
		for i := 0; i < n; i++ {
			if i%2 == 0 {
				first <- uint64(i)
			} else {
				second <- uint64(i)
			}
		}
	}()
	begin := time.Now()
	start <- s.n
	sum := <-done
	r := since(begin, s.n)
	expect(sum == uint64(s.n)*uint64(s.n-1)/2, "the sum of what was sent")
	return r
}
