// SPDX-License-Identifier: MIT

// The workloads in Go: an actor is a goroutine with a channel.
//
// There are no unbounded channels, so what asks for unbounded mailboxes is skipped; the capacities
// of the others are what is fastest and cannot deadlock. See ../../README.md for the protocol.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// unbounded is the capacity of a mailbox that is never full, which cannot be had.
const unbounded = 0

type settings struct {
	n, actors, senders, capacity, bytes, depth, steps int
}

type figure struct {
	name  string
	value float64
}

type result struct {
	n       int
	figures []figure
}

// A workload understands the keys that it has a default for.
type workload struct {
	run      func(s settings) result
	defaults string
}

var workloads = map[string]workload{
	"pingpong":       {pingpong, "n=1000000 capacity=1"},
	"count":          {count, "n=5000000 capacity=unbounded bytes=8"},
	"contention":     {contention, "n=5000000 senders=100 capacity=unbounded bytes=8"},
	"ring1":          {ring1, "n=2000000 actors=1000 capacity=1"},
	"ring64":         {ring64, "n=2000000 actors=1000 capacity=16"},
	"create":         {create, "n=1000000 capacity=1"},
	"tree":           {tree, "depth=20"},
	"call":           {call, "n=1000000 capacity=1"},
	"call_from_main": {callFromMain, "n=100000 capacity=1"},
	"call_nested":    {callNested, "n=20000 actors=100 capacity=1"},
	"idle":           {idle, "n=1000000 capacity=1"},
	"idle_waiting":   {idleWaiting, "n=10000 capacity=1"},
	"big":            {big, "n=20000 actors=120"},
	"latency":        {latency, "n=20000 actors=16 steps=1000"},
	"select":         {sel, "n=2000000 capacity=1024"},
}

func usage(what, argument string) {
	fmt.Fprintf(os.Stderr, "go-benchmark: %s: %s\n", what, argument)
	os.Exit(2)
}

func wrong(why string) {
	fmt.Fprintf(os.Stderr, "go-benchmark: wrong: %s\n", why)
	os.Exit(1)
}

func expect(condition bool, what string) {
	if !condition {
		wrong(what)
	}
}

// skip says that a workload cannot be expressed.
func skip(name, why string) {
	fmt.Printf("{\"peer\":\"go\",\"workload\":\"%s\",\"skipped\":\"%s\"}\n", name, why)
	os.Exit(0)
}

func (s *settings) set(key, value, where string) {
	number, err := strconv.Atoi(value)
	if key == "capacity" && value == "unbounded" {
		number, err = unbounded, nil
	} else if err != nil || number < 1 {
		usage("not a positive number", where)
	}
	switch key {
	case "n":
		s.n = number
	case "actors":
		s.actors = number
	case "senders":
		s.senders = number
	case "capacity":
		s.capacity = number
	case "bytes":
		s.bytes = number
	case "depth":
		s.depth = number
	case "steps":
		s.steps = number
	}
}

// parse takes what differs from the defaults, and returns it, space separated.
func (s *settings) parse(w workload, arguments []string) string {
	defaults := map[string]string{}
	for _, one := range strings.Fields(w.defaults) {
		key, value, _ := strings.Cut(one, "=")
		defaults[key] = value
		s.set(key, value, one)
	}
	var differs []string
	for _, argument := range arguments {
		key, value, _ := strings.Cut(argument, "=")
		byDefault, known := defaults[key]
		if !known {
			usage("not a setting of this workload", argument)
		}
		s.set(key, value, argument)
		if value != byDefault {
			differs = append(differs, argument)
		}
	}
	return strings.Join(differs, " ")
}

// warmUp has a goroutine answer, so that the first thing that is measured is not a thread that
// starts.
func warmUp() {
	done := make(chan bool)
	go func() { done <- true }()
	<-done
}

func since(begin time.Time, n int) result {
	ns := float64(time.Since(begin).Nanoseconds())
	return result{n, []figure{{"ns_per_op", ns / float64(n)}}}
}

func main() {
	if len(os.Args) < 3 {
		usage("arguments are missing", "WORKLOAD THREADS")
	}
	name := os.Args[1]
	w, known := workloads[name]
	if !known {
		usage("no such workload", name)
	}
	threads, err := strconv.Atoi(os.Args[2])
	if err != nil || threads < 1 {
		usage("not a positive number", "THREADS")
	}
	var s settings
	param := s.parse(w, os.Args[3:])
	if strings.Contains(w.defaults, "capacity") && s.capacity == unbounded {
		skip(name, "a channel is bounded")
	}
	runtime.GOMAXPROCS(threads)
	warmUp()
	r := w.run(s)
	fmt.Printf("{\"peer\":\"go\",\"workload\":\"%s\",\"threads\":%d,\"param\":\"%s\",\"n\":%d",
		name, threads, param, r.n)
	for _, f := range r.figures {
		fmt.Printf(",\"%s\":%.2f", f.name, f.value)
	}
	fmt.Println("}")
}
