/* SPDX-License-Identifier: MIT */

/*
 * The governor of a pool: threads that get into each other's way are not all up.
 *
 * Two threads do not always do more than one. Actors that exchange small messages all the time do
 * best on one core, where the messages are in the cache; spread over two, each message costs a
 * transfer or more between them, which takes longer than ten messages do. No scheduler knows
 * beforehand which of the two it has to do with, so this one tries: now and then, with messages as
 * short as that and all threads busy, half of the threads stand down for a moment, and if more
 * messages were handled and posted in the meantime, they stay down. Then, now and then, it tries
 * the opposite. (Hill climbing, as for the number of threads in .NET's pool.) Trials that fail
 * become rarer.
 *
 * As soon as messages take longer, or somebody is kept waiting, all may be up again.
 */

#include "governor.h"

#define WINDOW_NS 1000000	/* what is compared: 1 ms of each */
#define FIRST_NS 20000000	/* this long all must have been busy: 20 ms */
#define LONGEST_NS 2000000000	/* between trials: 2 s */
#define SHORT_MESSAGES 100000.0 /* a second and thread, at least */
#define BETTER 1.1		/* times as many: worth a change */
#define HOPELESS 0.7		/* times as many: no need to look on */
#define MOST_WINDOWS 5		/* of a trial that is neither */

void actor__governor_init(struct actor__governor *governor, unsigned n_most)
{
	*governor = (struct actor__governor){
		.n_most = n_most,
		.n_allowed = n_most,
		.fewer = true,
		.interval_ns = FIRST_NS,
	};
}

/* Begin anew to watch. */
static void watch(struct actor__governor *governor, int64_t now_ns)
{
	governor->state = ACTOR__GOVERNOR_WATCHES;
	governor->rate = 0;
	governor->next_ns = now_ns + governor->interval_ns;
	if (governor->n_allowed == governor->n_most)
		governor->fewer = true;
	if (governor->n_allowed == 1)
		governor->fewer = false;
}

void actor__governor_lift(struct actor__governor *governor, int64_t now_ns)
{
	governor->n_allowed = governor->n_most;
	watch(governor, now_ns);
}

static void begin_trial(struct actor__governor *governor)
{
	governor->n_before = governor->n_allowed;
	if (governor->fewer)
		governor->n_allowed = (governor->n_allowed + 1) / 2;
	else if (governor->n_allowed < governor->n_most / 2)
		governor->n_allowed *= 2;
	else
		governor->n_allowed = governor->n_most;
	governor->state = ACTOR__GOVERNOR_SETTLES;
	governor->n_windows = 0;
}

/* A window of the trial is over. What has piled up before, and is in nobody's cache, may come
 * first: so one that does not help is looked at for some more. */
static void judge_trial(struct actor__governor *governor, int64_t now_ns, double rate)
{
	if (rate <= governor->rate * BETTER && rate >= governor->rate * HOPELESS &&
	    ++governor->n_windows < MOST_WINDOWS)
		return;
	if (rate > governor->rate * BETTER) {
		governor->interval_ns = FIRST_NS;
	} else {
		governor->n_allowed = governor->n_before;
		governor->fewer = !governor->fewer;
		governor->interval_ns *= rate < governor->rate / 2 ? 4 : 2;
		if (governor->interval_ns > LONGEST_NS)
			governor->interval_ns = LONGEST_NS;
	}
	watch(governor, now_ns);
}

/* A window is over, with messages as short as that and all threads busy that may be. */
static void go_on(struct actor__governor *governor, int64_t now_ns, double rate)
{
	switch (governor->state) {
	case ACTOR__GOVERNOR_WATCHES:
		governor->rate = governor->rate > 0 ? (3 * governor->rate + rate) / 4 : rate;
		if (governor->n_most > 1 && now_ns >= governor->next_ns)
			begin_trial(governor);
		break;
	case ACTOR__GOVERNOR_SETTLES: /* some threads are up, or down, only since a while */
		governor->state = ACTOR__GOVERNOR_TRIES;
		break;
	case ACTOR__GOVERNOR_TRIES:
		judge_trial(governor, now_ns, rate);
		break;
	}
}

unsigned actor__governor_look(struct actor__governor *governor, int64_t now_ns, uint64_t n_done,
			      unsigned n_up)
{
	int64_t window_ns = now_ns - governor->since_ns;
	double rate;

	if (window_ns < WINDOW_NS)
		return governor->n_allowed;
	rate = (double)(n_done - governor->since_done) * 1e9 / (double)window_ns;
	governor->since_ns = now_ns;
	governor->since_done = n_done;
	if (n_up == 0 || rate < SHORT_MESSAGES * n_up) {
		governor->interval_ns = FIRST_NS;
		actor__governor_lift(governor, now_ns);
	} else if (n_up < governor->n_allowed && governor->state == ACTOR__GOVERNOR_WATCHES) {
		watch(governor, now_ns); /* who is not up has nothing to do */
	} else {
		go_on(governor, now_ns, rate);
	}
	return governor->n_allowed;
}
