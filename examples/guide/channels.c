/* SPDX-License-Identifier: MIT */
/* A doctor who sees emergencies first: a channel of the program's own. */

#include "check.h"

struct patient {
	const char *name;
	bool is_urgent;
};
ACTOR_SIGNAL(patient);
ACTOR_SIGNAL_DEFINE(patient, "channels.patient", NULL);

#define DOCTOR_MESSAGES(CALL, SEND, X) SEND(X, patient)
ACTOR_DECLARE(doctor, DOCTOR_MESSAGES);

struct doctor {
	int n_seen;
};

static void doctor_on_patient(struct doctor *self, struct patient *message,
			      struct actor_context *context)
{
	(void)context;
	printf("%d. %s\n", ++self->n_seen, message->name);
}

ACTOR_DEFINE(doctor, DOCTOR_MESSAGES, NULL, NULL, NULL);

/* Two lists, and chairs for so many. */
struct waiting_room {
	struct actor_channel base;
	struct actor_envelope_list urgent;
	struct actor_envelope_list others;
	size_t n_chairs;
};

static struct waiting_room *room_of(const struct actor_channel *channel)
{
	return ACTOR_CONTAINER_OF((void *)(uintptr_t)channel, struct waiting_room, base);
}

/* Which comes next. */
static int room_take(struct actor_channel *channel, struct actor_context *context,
		     struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	struct waiting_room *room = room_of(channel);

	(void)context, (void)ret_until_ns;
	*ret_envelope = actor_envelope_list_take(room->urgent.n ? &room->urgent : &room->others);
	return *ret_envelope ? ACTOR_CHANNEL_MESSAGE : ACTOR_CHANNEL_EMPTY;
}

/* How they are kept. */
static int room_put(struct actor_channel *channel, struct actor_envelope *envelope)
{
	struct waiting_room *room = room_of(channel);
	const struct patient *patient = actor_envelope_message(envelope);

	actor_envelope_list_append(patient->is_urgent ? &room->urgent : &room->others, envelope);
	return 0;
}

static size_t room_length(const struct actor_channel *channel)
{
	return room_of(channel)->urgent.n + room_of(channel)->others.n;
}

/* Whether there is room for one more. */
static bool room_has_room(const struct actor_channel *channel,
			  const struct actor_envelope *envelope, size_t n_granted)
{
	(void)envelope;
	return room_length(channel) + n_granted < room_of(channel)->n_chairs;
}

static void room_destroy(struct actor_channel *channel)
{
	free(room_of(channel));
}

static const struct actor_channel_ops room_ops = {
	.size = sizeof room_ops,
	.take = room_take,
	.destroy = room_destroy,
	.put = room_put,
	.length = room_length,
	.room = room_has_room,
};

static struct actor_channel *waiting_room_create(size_t n_chairs)
{
	struct waiting_room *room = calloc(1, sizeof *room);

	CHECK(room ? actor_channel_init(&room->base, &room_ops) : ACTOR_E_NOMEM);
	room->n_chairs = n_chairs;
	return &room->base;
}

int main(void)
{
	const struct patient patients[] = { { "Ann, for a certificate", false },
					    { "Bob, for a certificate", false },
					    { "Cleo, with a broken arm", true },
					    { "Dan, who has swallowed a coin", true } };
	struct doctor state = { .n_seen = 0 };
	struct actor_channel *room = waiting_room_create(4);
	struct actor_executor *pool;
	struct doctor_mailbox mailbox;
	union doctor_address doctor;

	CHECK(actor_pool_create(NULL, &pool));
	CHECK(actor_channel_mailbox(actor_executor_spawner(pool), &doctor_behavior, NULL, room,
				    &mailbox.mailbox));
	actor_channel_unref(room); /* the mailbox has it */
	doctor = ACTOR_MAILBOX_ADDRESS(doctor, mailbox);
	for (size_t i = 0; i < 4; i++) {
		struct patient patient = patients[i];

		CHECK(ACTOR_TRY_SEND(doctor, patient, &patient));
	}
	printf("one more: %s\n",
	       actor_strerror(ACTOR_TRY_SEND(doctor, patient, &(struct patient){ "Eve", true })));

	CHECK(ACTOR_MAILBOX_START(doctor, mailbox, &state, NULL, NULL));
	actor_address_unref(doctor.address);
	actor_mailbox_detach(mailbox.mailbox);
	end_executor(pool);
	return EXIT_SUCCESS;
}
