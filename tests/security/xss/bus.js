/** The panel tests' fake bus; `fake.answers` (type -> result of body) goes before what it answers itself. */
import { connect as connectFake, fake, request as requestFake } from "../../panel/fakes/bus.js";

export * from "../../panel/fakes/bus.js";

fake.answers = {};
const answered = (otherwise) => async (body, options) => {
  const own = fake.answers[body.type];
  return own ? structuredClone(own(body)) : otherwise(body, options);
};

export const request = answered(requestFake);

export function connect(name) {
  const channel = connectFake(name);
  channel.request = answered(channel.request);
  return channel;
}
