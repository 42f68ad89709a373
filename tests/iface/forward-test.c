/* SPDX-License-Identifier: MIT */

/* forward.h: handing on what one has been sent, and sending to several, as sequences of
 * operations. */

#include "fake.h"
#include "parcel.h"
#include "test.h"

static int set_up(void **state)
{
	static struct fake fake;

	fake_init(&fake);
	*state = &fake;
	return 0;
}

static void open_reply(struct fake *fake, struct actor_reply **reply)
{
	assert_int_equal(fake->context.ops->reply_open(&fake->context, unpack_type.reply, reply),
			 0);
	fake_trace(fake);
}

static void forwarding_hands_on_message_and_reply(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);
	struct actor_reply *reply, *original;

	open_reply(fake, &reply);
	original = reply;
	assert_int_equal(
		actor_forward(&fake->context, &fake->address, &unpack_type, &parcel, &reply), 0);
	assert_string_equal(fake_trace(fake), "wait-post(test.unpack 0 forever)");
	assert_null(reply);
	assert_null(parcel.content);
	assert_ptr_equal(fake->reply, original);
	assert_int_equal(fake->error.code, 0);
}

static void forwarding_waits_until_a_deadline(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 };
	struct actor_reply *reply = NULL; /* it was sent, not called */

	assert_int_equal(actor_forward_until(&fake->context, &fake->address, &count_type, &number,
					     &reply, 5000),
			 0);
	assert_string_equal(fake_trace(fake), "wait-post(test.count 5000)");
	assert_null(fake->reply);
}

static void what_is_not_forwarded_is_still_the_handler_s(void **state)
{
	static const int refusals[] = { ACTOR_E_FULL, ACTOR_E_CLOSED, ACTOR_E_UNHANDLED,
					ACTOR_E_NOMEM, ACTOR_E_CANCELLED };
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);
	struct actor_reply *reply, *original;
	size_t i;

	open_reply(fake, &reply);
	original = reply;
	for (i = 0; i < N_ELEMENTS(refusals); i++) {
		fake->post.returns[i] = refusals[i];
		assert_int_equal(actor_forward(&fake->context, &fake->address, &unpack_type,
					       &parcel, &reply),
				 refusals[i]);
		assert_ptr_equal(reply, original);
		assert_ptr_equal(parcel.content, &content);
		assert_int_equal(actor_error(&fake->context)->code, refusals[i]);
	}
	assert_int_equal(content, 1);
}

/* What is forwarded, and what is sent to several. */
static void what_cannot_be_encoded_is_explained(void **state)
{
	struct fake *fake = *state;
	struct actor_address *address = &fake->address;
	struct number number = { 7 }, scratch;
	struct actor_reply *none = NULL;

	fake->why = "value: it is odd";
	fake->post.returns[0] = fake->post.returns[1] = ACTOR_E_ENCODE;
	assert_int_equal(actor_forward(&fake->context, address, &number_type, &number, &none),
			 ACTOR_E_ENCODE);
	assert_string_equal(actor_error(&fake->context)->text, fake->why);
	fake->error.text[0] = '\0';
	fake->explained = NULL;
	assert_int_equal(actor_send_each_until(&fake->context,
					       (struct actor_receivers){ &address, 1, 0 },
					       &number_type, &number, &scratch,
					       ACTOR_EACH_REGARDLESS, ACTOR_FOREVER, NULL),
			 ACTOR_E_ENCODE);
	assert_string_equal(actor_error(&fake->context)->text, fake->why);
	assert_ptr_equal(fake->explained, &number);
}

/* ---- draining ---- */

struct source {
	int content;
	int n;	    /* how many there are */
	int status; /* then */
};

static int yield(struct actor_context *context, void *user, void *ret_message)
{
	struct source *source = user;

	(void)context;
	if (source->n-- == 0)
		return source->status;
	*(struct parcel *)ret_message = parcel_of(&source->content);
	return 1;
}

static void draining_sends_all_there_is(void **state)
{
	struct fake *fake = *state;
	struct source source = { .n = 3 };
	struct parcel parcel = { NULL };

	assert_int_equal(
		actor_drain(&fake->context, &fake->address, &parcel_type, &parcel, yield, &source),
		0);
	assert_string_equal(fake_trace(fake),
			    "wait-post(test.parcel forever) wait-post(test.parcel forever) "
			    "wait-post(test.parcel forever)");
	assert_int_equal(source.content, 3); /* the receiver's */
	assert_null(parcel.content);
}

static void draining_ends_with_the_source_s_error(void **state)
{
	struct fake *fake = *state;
	struct source source = { .n = 1, .status = ACTOR_E_CANCELLED };
	struct parcel parcel;

	assert_int_equal(
		actor_drain(&fake->context, &fake->address, &parcel_type, &parcel, yield, &source),
		ACTOR_E_CANCELLED);
	assert_int_equal(source.content, 1);
}

static void draining_drops_what_is_refused(void **state)
{
	struct fake *fake = *state;
	struct source source = { .n = 3 };
	struct parcel parcel;

	fake->post.returns[1] = ACTOR_E_CLOSED;
	assert_int_equal(
		actor_drain(&fake->context, &fake->address, &parcel_type, &parcel, yield, &source),
		ACTOR_E_CLOSED);
	assert_int_equal(source.n, 1);
	assert_int_equal(source.content, 1); /* only the one that was accepted has an owner */
}

static void draining_waits_for_room_until_a_deadline(void **state)
{
	struct fake *fake = *state;
	struct source source = { .n = 3 };
	struct parcel parcel;

	fake->post.returns[1] = ACTOR_E_FULL;
	assert_int_equal(actor_drain_until(&fake->context, &fake->address, &parcel_type, &parcel,
					   yield, &source, 5000),
			 ACTOR_E_FULL);
	assert_string_equal(fake_trace(fake),
			    "wait-post(test.parcel 5000) wait-post(test.parcel 5000)");
	assert_int_equal(source.content, 1);
}

/* ---- several receivers ---- */

static struct actor_receivers three(struct fake *fake, struct actor_address **addresses)
{
	struct actor_receivers to = { addresses, 3, sizeof addresses[0] };

	addresses[0] = addresses[1] = addresses[2] = &fake->address;
	return to;
}

/* OD-12 */
static void each_gets_a_copy(void **state)
{
	struct fake *fake = *state;
	struct actor_address *addresses[3];
	struct actor_receivers to = three(fake, addresses);
	int content = 0;
	struct parcel parcel = parcel_of(&content), scratch;
	size_t n_sent = 0;

	assert_int_equal(actor_send_each_until(&fake->context, to, &parcel_type, &parcel, &scratch,
					       ACTOR_EACH_UNTIL_FAILED, 5000, &n_sent),
			 0);
	assert_string_equal(fake_trace(fake), "wait-post(test.parcel 5000) "
					      "wait-post(test.parcel 5000) "
					      "wait-post(test.parcel 5000)");
	assert_int_equal(n_sent, 3);
	assert_int_equal(content, 4); /* theirs, and still ours */
	assert_ptr_equal(parcel.content, &content);
}

static void without_a_context_nobody_waits(void **state)
{
	struct fake *fake = *state;
	struct actor_address *addresses[3];
	struct actor_receivers to = three(fake, addresses);
	struct number number = { 7 }, scratch;

	assert_int_equal(actor_send_each_until(NULL, to, &number_type, &number, &scratch,
					       ACTOR_EACH_UNTIL_FAILED, ACTOR_FOREVER, NULL),
			 0);
	assert_string_equal(fake_trace(fake),
			    "post(test.number) post(test.number) post(test.number)");
	assert_int_equal(((struct number *)(void *)fake->received)->value, 7);
}

static void the_first_failure_ends_it_or_not(void **state)
{
	struct fake *fake = *state;
	struct actor_address *addresses[3];
	struct actor_receivers to = three(fake, addresses);
	int content = 0;
	struct parcel parcel = parcel_of(&content), scratch;
	size_t n_sent = 9;

	fake->post.returns[0] = ACTOR_E_FULL;
	fake->post.returns[1] = ACTOR_E_CLOSED;
	assert_int_equal(actor_send_each_until(&fake->context, to, &parcel_type, &parcel, &scratch,
					       ACTOR_EACH_UNTIL_FAILED, ACTOR_FOREVER, &n_sent),
			 ACTOR_E_FULL);
	assert_int_equal(n_sent, 0);
	assert_int_equal(content, 1);
	assert_int_equal(actor_send_each_until(&fake->context, to, &parcel_type, &parcel, &scratch,
					       ACTOR_EACH_REGARDLESS, ACTOR_FOREVER, &n_sent),
			 ACTOR_E_CLOSED);
	assert_int_equal(n_sent, 2);
	assert_int_equal(content, 3);
}

static void the_detail_is_the_first_failure_s(void **state)
{
	struct fake *fake = *state;
	struct actor_address *addresses[3];
	struct actor_receivers to = three(fake, addresses);
	struct number number = { 7 }, scratch;

	fake->post.returns[1] = ACTOR_E_CLOSED;
	fake->post.returns[2] = ACTOR_E_FULL;
	assert_int_equal(actor_send_each_until(&fake->context, to, &number_type, &number, &scratch,
					       ACTOR_EACH_REGARDLESS, ACTOR_FOREVER, NULL),
			 ACTOR_E_CLOSED);
	assert_int_equal(actor_error(&fake->context)->code, ACTOR_E_CLOSED);
	assert_string_equal(actor_error(&fake->context)->message_type, "test.number");
	assert_string_equal(actor_error(&fake->context)->actor_name, "savings");
}

static void what_cannot_be_copied_is_not_sent(void **state)
{
	struct fake *fake = *state;
	struct actor_address *addresses[3];
	struct actor_receivers to = three(fake, addresses);
	int content = 0;
	struct parcel parcel = parcel_of(&content), scratch, empty = { NULL };
	size_t n_sent = 9;

	assert_int_equal(actor_send_each_until(&fake->context, to, &unpack_type, &parcel, &scratch,
					       ACTOR_EACH_UNTIL_FAILED, ACTOR_FOREVER, &n_sent),
			 ACTOR_E_UNSUPPORTED);
	assert_int_equal(actor_error(&fake->context)->code, ACTOR_E_UNSUPPORTED);
	assert_int_equal(actor_send_each_until(&fake->context, to, &parcel_type, &empty, &scratch,
					       ACTOR_EACH_REGARDLESS, ACTOR_FOREVER, &n_sent),
			 ACTOR_E_NOMEM);
	assert_string_equal(fake_trace(fake), "");
	assert_int_equal(n_sent, 0);
	assert_int_equal(content, 1);
}

static void to_nobody_is_fine(void **state)
{
	struct fake *fake = *state;
	struct actor_receivers nobody = { NULL, 0, sizeof(void *) };
	struct number number = { 7 }, scratch;
	size_t n_sent = 9;

	assert_int_equal(actor_send_each_until(&fake->context, nobody, &number_type, &number,
					       &scratch, ACTOR_EACH_REGARDLESS, ACTOR_FOREVER,
					       &n_sent),
			 0);
	assert_int_equal(n_sent, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(forwarding_hands_on_message_and_reply, set_up),
		cmocka_unit_test_setup(forwarding_waits_until_a_deadline, set_up),
		cmocka_unit_test_setup(what_is_not_forwarded_is_still_the_handler_s, set_up),
		cmocka_unit_test_setup(what_cannot_be_encoded_is_explained, set_up),
		cmocka_unit_test_setup(draining_sends_all_there_is, set_up),
		cmocka_unit_test_setup(draining_ends_with_the_source_s_error, set_up),
		cmocka_unit_test_setup(draining_drops_what_is_refused, set_up),
		cmocka_unit_test_setup(draining_waits_for_room_until_a_deadline, set_up),
		cmocka_unit_test_setup(each_gets_a_copy, set_up),
		cmocka_unit_test_setup(without_a_context_nobody_waits, set_up),
		cmocka_unit_test_setup(the_first_failure_ends_it_or_not, set_up),
		cmocka_unit_test_setup(the_detail_is_the_first_failure_s, set_up),
		cmocka_unit_test_setup(what_cannot_be_copied_is_not_sent, set_up),
		cmocka_unit_test_setup(to_nobody_is_fine, set_up),
	};

	return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
