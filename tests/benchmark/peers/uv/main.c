/* SPDX-License-Identifier: MIT */

/*
 * The timers of libuv, for actor-benchmark's timer_arm_cancel and timer_fire: see ../../README.md
 *
 * A loop belongs to one thread, its timers are known in milliseconds, and a callback counts what is
 * a message elsewhere.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

static uint64_t n_rung;

static void __attribute__((noreturn)) wrong(const char *why, int status)
{
	fprintf(stderr, "uv-benchmark: %s\n", why);
	exit(status);
}

static void expect(int condition, const char *what)
{
	if (!condition)
		wrong(what, 1);
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void ring(uv_timer_t *timer)
{
	(void)timer;
	n_rung++;
}

static uv_timer_t *make(uv_loop_t *loop, uint64_t n, uint64_t least_ms, uint64_t range_ms)
{
	uv_timer_t *timers = calloc(n, sizeof *timers);
	uint64_t random = 1;

	expect(timers != NULL, "out of memory");
	for (uint64_t i = 0; i < n; i++) {
		uv_timer_init(loop, &timers[i]);
		uv_timer_start(&timers[i], ring, least_ms + next_random(&random) % range_ms, 0);
	}
	return timers;
}

static uint64_t arm_cancel(uv_loop_t *loop, uint64_t n)
{
	uv_timer_t *timers = make(loop, n, 1000000, 1000000);
	uint64_t random = 1, begin_ns = uv_hrtime(), ns;

	for (uint64_t i = 0; i < n; i++) {
		uv_timer_t *timer = &timers[i];

		uv_timer_stop(timer);
		uv_update_time(loop); /* as all who set a deadline look at the clock */
		uv_timer_start(timer, ring, 1000000 + next_random(&random) % 1000000, 0);
	}
	ns = uv_hrtime() - begin_ns;
	expect(n_rung == 0, "something rang");
	free(timers);
	return ns;
}

static uint64_t fire(uv_loop_t *loop, uint64_t n)
{
	uv_timer_t *timers = make(loop, n, 0, 1000);
	uint64_t end_ns = uv_hrtime() + 1001000000, begin_ns, ns;

	while (uv_hrtime() < end_ns)
		uv_sleep(1);
	begin_ns = uv_hrtime();
	uv_run(loop, UV_RUN_DEFAULT);
	ns = uv_hrtime() - begin_ns;
	expect(n_rung == n, "not all rang");
	free(timers);
	return ns;
}

int main(int argc, char **argv)
{
	uint64_t (*run)(uv_loop_t * loop, uint64_t n) = NULL;
	uint64_t n = 1000000;
	char param[40] = "";

	if (argc >= 3 && strcmp(argv[1], "timer_arm_cancel") == 0)
		run = arm_cancel;
	else if (argc >= 3 && strcmp(argv[1], "timer_fire") == 0)
		run = fire;
	else
		wrong("only timers", 2);
	if (strcmp(argv[2], "1") != 0)
		wrong("a loop belongs to one thread", 2);
	for (int i = 3; i < argc; i++) {
		if (sscanf(argv[i], "n=%" SCNu64, &n) != 1 || n == 0)
			wrong("not a setting of this workload", 2);
		if (n != 1000000)
			snprintf(param, sizeof param, "n=%" PRIu64, n);
	}
	printf("{\"peer\":\"uv\",\"workload\":\"%s\",\"threads\":1,\"param\":\"%s\",\"n\":%" PRIu64
	       ",\"ns_per_op\":%.2f}\n",
	       argv[1], param, n, (double)run(uv_default_loop(), n) / (double)n);
	return EXIT_SUCCESS;
}
