/* SPDX-License-Identifier: MIT */
/* A thermometer that does not know who looks at it. */

#include "check.h"

struct reading { /* an event is a message like any other */
	int degrees;
};
ACTOR_SIGNAL(reading);
ACTOR_SIGNAL_DEFINE(reading, "observer.reading", NULL);

struct measure {
	int degrees;
};
struct count_alarms {
	char none;
};
ACTOR_MESSAGE(measure, int); /* how many have seen it */
ACTOR_MESSAGE(count_alarms, int);
ACTOR_MESSAGE_DEFINE(measure, "observer.measure", NULL, NULL);
ACTOR_MESSAGE_DEFINE(count_alarms, "observer.count-alarms", NULL, NULL);

#define THERMOMETER_MESSAGES(CALL, SEND, X) CALL(X, measure)
ACTOR_DECLARE(thermometer, THERMOMETER_MESSAGES);

struct thermometer {
	struct actor_observable *readings; /* owned */
};

static int thermometer_on_measure(struct thermometer *self, struct measure *message,
				  struct actor_context *context)
{
	(void)context;
	return ACTOR_PUBLISH(self->readings, reading, &(struct reading){ message->degrees });
}

static void thermometer_destroy(struct thermometer *self)
{
	actor_observable_close(self->readings); /* observers are told */
	actor_observable_unref(self->readings);
}

ACTOR_DEFINE(thermometer, THERMOMETER_MESSAGES, NULL, NULL, thermometer_destroy);

/* An actor that wants to know of some readings only. */

#define ALARM_MESSAGES(CALL, SEND, X)                                                              \
	SEND(X, reading)                                                                           \
	CALL(X, count_alarms)
ACTOR_DECLARE(alarm, ALARM_MESSAGES);

struct alarm {
	int n_alarms;
};

static void alarm_on_reading(struct alarm *self, struct reading *message,
			     struct actor_context *context)
{
	(void)message, (void)context;
	self->n_alarms++;
}

static int alarm_on_count_alarms(struct alarm *self, struct count_alarms *message,
				 struct actor_context *context)
{
	(void)message, (void)context;
	return self->n_alarms;
}

ACTOR_DEFINE(alarm, ALARM_MESSAGES, NULL, NULL, NULL);

static bool is_hot(void *user, const struct actor_message_type *type, const void *event)
{
	(void)user;
	return actor_message_type_same(type, &reading_type) &&
	       ((const struct reading *)event)->degrees >= 30;
}

static void print_readings(struct actor_context *context, struct actor_subscription *last)
{
	struct actor_subscription_counts counts;
	struct actor_event event;
	int rc;

	actor_subscription_counts_get(last, &counts);
	printf("missed: %d, then", (int)counts.n_dropped);
	while ((rc = actor_subscription_next(context, last, ACTOR_FOREVER, &event)) == 0) {
		const struct reading *reading = ACTOR_EVENT(reading, &event);

		if (reading)
			printf(" %d", reading->degrees);
		actor_event_drop(&event);
	}
	printf(", then: %s\n", rc == ACTOR_E_CLOSED ? "the end" : actor_strerror(rc));
}

int main(void)
{
	static const int degrees[] = { 18, 31, 25, 33 };
	struct actor_context *context = main_context();
	struct actor_subscribe_options hot = { .size = sizeof hot, .filter = is_hot };
	struct actor_subscribe_options two = { .size = sizeof two,
					       .capacity = 2,
					       .overflow = ACTOR_DROP_OLDEST };
	struct thermometer thermometer_state;
	struct alarm alarm_state = { .n_alarms = 0 };
	struct actor_subscription *last;
	struct actor_executor *pool;
	union thermometer_address thermometer;
	union alarm_address alarm;
	int i, n, n_alarms;

	CHECK(actor_pool_create(NULL, &pool));
	CHECK(actor_observable_create(&thermometer_state.readings));
	CHECK(ACTOR_SPAWN(alarm, actor_executor_spawner(pool), &alarm_state, NULL, &alarm));
	hot.address = alarm.address;
	CHECK(actor_observable_subscribe(thermometer_state.readings, &hot, NULL));
	CHECK(actor_observable_subscribe(thermometer_state.readings, &two, &last));
	CHECK(ACTOR_SPAWN(thermometer, actor_executor_spawner(pool), &thermometer_state, NULL,
			  &thermometer));

	for (i = 0; i < 4; i++) {
		CHECK(ACTOR_CALL(context, thermometer, measure, &n,
				 &(struct measure){ degrees[i] }));
		printf("%d degrees, seen by %d\n", degrees[i], n);
	}
	CHECK(ACTOR_CALL(context, alarm, count_alarms, &n_alarms, &(struct count_alarms){ 0 }));
	printf("alarms: %d\n", n_alarms);
	actor_address_unref(thermometer.address); /* it ends, and so do its readings */
	print_readings(context, last);

	actor_subscription_destroy(last);
	actor_address_unref(alarm.address);
	end_executor(pool);
	return EXIT_SUCCESS;
}
