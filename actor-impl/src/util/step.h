/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__STEP_H
#define ACTOR__STEP_H

/* Where something may come in between that a test wants to try, and no function is called that it
 * could stand in for. Nothing in the library as it is built for users. */

#ifdef ACTOR__STEPS
void actor__step_switch(void); /* a fiber is about to be left */
void actor__step_left(void);   /* it has been left: what becomes of it has not been seen to */
void actor__step_latch(void);  /* a latch is about to be taken */
void actor__step_slot(void);   /* a worker is about to go into its slot */
void actor__step_watch(void);  /* an actor is not over yet: it will be watched */
void actor__step_tick(void);   /* a tick has begun: now all stacks are looked at */
void actor__step_look(void);   /* some have been, and others get the lock */
void actor__step_paid(void);   /* what can be sent to a member has been */
#define ACTOR__STEP(name) actor__step_##name()
#else
#define ACTOR__STEP(name) ((void)0)
#endif

#endif
