/* SPDX-License-Identifier: MIT */
/* A display that goes on showing while it waits for an answer, which arrives as a message. */

#include "check.h"

struct measure {
	char none;
};
struct set_temperature {
	int celsius;
};
ACTOR_MESSAGE(measure, int); /* answered once there is a temperature */
ACTOR_MESSAGE(set_temperature, struct actor_unit);
ACTOR_MESSAGE_DEFINE(measure, "ask.measure", NULL, NULL);
ACTOR_MESSAGE_DEFINE(set_temperature, "ask.set-temperature", NULL, NULL);

#define THERMOMETER_MESSAGES(CALL, SEND, X)                                                        \
	CALL(X, measure)                                                                           \
	CALL(X, set_temperature)
ACTOR_DECLARE(thermometer, THERMOMETER_MESSAGES);

struct thermometer {
	struct measure_reply waiting;
};

static void thermometer_on_measure(struct thermometer *self, struct measure *message,
				   struct measure_pending pending, struct actor_context *context)
{
	(void)message, (void)context;
	measure_reply_refuse(&self->waiting, ACTOR_E_BUSY); /* the one before, if any */
	self->waiting = measure_reply_take(pending);
}

static struct actor_unit thermometer_on_set_temperature(struct thermometer *self,
							struct set_temperature *message,
							struct actor_context *context)
{
	(void)context;
	measure_reply_answer(&self->waiting, message->celsius);
	return ACTOR_UNIT;
}

static void thermometer_destroy(struct thermometer *self)
{
	measure_reply_refuse(&self->waiting, ACTOR_E_STOPPED);
}

ACTOR_DEFINE(thermometer, THERMOMETER_MESSAGES, NULL, NULL, thermometer_destroy);

struct refresh {
	char none;
};
struct reading {
	int status;
	int celsius;
};
struct show {
	char none;
};
ACTOR_MESSAGE(refresh, struct actor_unit);
ACTOR_SIGNAL(reading);
ACTOR_MESSAGE(show, struct reading);
ACTOR_MESSAGE_DEFINE(refresh, "ask.refresh", NULL, NULL);
ACTOR_SIGNAL_DEFINE(reading, "ask.reading", NULL);
ACTOR_MESSAGE_DEFINE(show, "ask.show", NULL, NULL);

#define DISPLAY_MESSAGES(CALL, SEND, X)                                                            \
	CALL(X, refresh)                                                                           \
	SEND(X, reading)                                                                           \
	CALL(X, show)
ACTOR_DECLARE(display, DISPLAY_MESSAGES);

struct display {
	union thermometer_address thermometer; /* owned */
	struct reading last;
};

/* A question on its way. It may outlive the display, so it has memory of its own. */
struct question {
	struct actor_ask ask;
	union reading_recipient asker; /* owned, and weak: an open question keeps nobody alive */
};

static void question_end(struct question *question)
{
	actor_address_unref(question->asker.address);
	free(question);
}

/* Runs wherever the answer is given, so it only passes it on. That fails if the display has ended;
 * its mailbox is never full, being unbounded. */
static void question_on_answer(struct actor_ask *ask, int status, void *value)
{
	struct question *question = ACTOR_CONTAINER_OF(ask, struct question, ask);
	struct reading reading = { status, value ? *(int *)value : 0 };

	if (ACTOR_TRY_SEND(question->asker, reading, &reading) < 0)
		actor_message_drop(&reading_type, &reading);
	question_end(question);
}

static void display_on_refresh(struct display *self, struct refresh *message,
			       struct refresh_pending pending, struct actor_context *context)
{
	struct refresh_reply reply = refresh_reply_take(pending);
	struct question *question = malloc(sizeof *question);
	int rc;

	(void)message;
	if (!question) {
		refresh_reply_refuse(&reply, ACTOR_E_NOMEM);
		return;
	}
	question->asker.address = actor_address_ref(actor_self(context));
	rc = ACTOR_ASK(NULL, &question->ask, self->thermometer, measure, question_on_answer, NULL,
		       &(struct measure){ 0 });
	if (rc < 0) { /* then there will be no answer */
		question_end(question);
		refresh_reply_refuse(&reply, rc);
		return;
	}
	refresh_reply_answer(&reply, ACTOR_UNIT);
}

static void display_on_reading(struct display *self, struct reading *message,
			       struct actor_context *context)
{
	(void)context;
	self->last = *message;
}

static struct reading display_on_show(struct display *self, struct show *message,
				      struct actor_context *context)
{
	(void)message, (void)context;
	return self->last;
}

static void display_destroy(struct display *self)
{
	actor_address_unref(self->thermometer.address);
}

ACTOR_DEFINE(display, DISPLAY_MESSAGES, NULL, NULL, display_destroy);

static void print_display(struct actor_context *context, union display_address display)
{
	struct reading shown;

	CHECK(ACTOR_CALL(context, display, show, &shown, &(struct show){ 0 }));
	if (shown.status == 0)
		printf("%d degrees\n", shown.celsius);
	else
		printf("%s\n", actor_strerror(shown.status));
}

int main(void)
{
	struct actor_context *context = main_context();
	struct thermometer thermometer_state = { .waiting.reply = NULL };
	struct display display_state = { .last.status = ACTOR_PENDING };
	struct actor_executor *pool;
	struct actor_spawner *spawner;
	union thermometer_address thermometer;
	union display_address display;

	CHECK(actor_pool_create(NULL, &pool));
	spawner = actor_executor_spawner(pool);
	CHECK(ACTOR_SPAWN(thermometer, spawner, &thermometer_state, NULL, &thermometer));
	display_state.thermometer.address = actor_address_ref(thermometer.address);
	CHECK(ACTOR_SPAWN(display, spawner, &display_state,
			  ACTOR_OPTIONS(.capacity = ACTOR_UNBOUNDED), &display));

	CHECK(ACTOR_CALL(context, display, refresh, NULL, &(struct refresh){ 0 }));
	print_display(context, display); /* the question is open, and the display still answers */
	CHECK(ACTOR_CALL(context, thermometer, set_temperature, NULL,
			 &(struct set_temperature){ .celsius = 21 }));
	print_display(context, display);

	actor_address_unref(display.address);
	actor_address_unref(thermometer.address);
	end_executor(pool);
	return EXIT_SUCCESS;
}
