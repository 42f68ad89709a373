/* SPDX-License-Identifier: MIT */

/*
 * calibrate THREADS - do a fixed amount of work on each of so many threads, print the nanoseconds
 *
 * Nothing but integers in registers: what it takes longer than at other times is time that the
 * machine gave to somebody else, and a benchmark would have lost it, too.
 */

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_THREADS = 64, N_STEPS = 10000000 };

static void *work(void *user)
{
	uint64_t *number = user;

	for (int i = 0; i < N_STEPS; i++) {
		*number ^= *number << 13;
		*number ^= *number >> 7;
		*number ^= *number << 17;
	}
	return NULL;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int main(int argc, char **argv)
{
	int n_threads = argc == 2 ? atoi(argv[1]) : 0;
	uint64_t numbers[MOST_THREADS];
	pthread_t threads[MOST_THREADS];
	int64_t begin_ns;

	if (n_threads < 1 || n_threads > MOST_THREADS) {
		fprintf(stderr, "usage: calibrate THREADS\n");
		return 2;
	}
	begin_ns = now_ns();
	for (int i = 0; i < n_threads; i++) {
		numbers[i] = (uint64_t)i + 1;
		if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0)
			return EXIT_FAILURE;
	}
	for (int i = 0; i < n_threads; i++) {
		pthread_join(threads[i], NULL);
		if (numbers[i] == 0) /* never; but now the work cannot be left out */
			return EXIT_FAILURE;
	}
	printf("%lld\n", (long long)(now_ns() - begin_ns));
	return EXIT_SUCCESS;
}
