// Says of each document whether graphql-js takes it. Reads { sdl, documents } and prints null or the first error of each.
import { buildSchema, parse, validate } from 'graphql';
import { text } from 'node:stream/consumers';

const { sdl, documents } = JSON.parse(await text(process.stdin));
const schema = buildSchema(sdl);
const verdict = (document) => {
  try {
    const errors = validate(schema, parse(document));
    return errors.length === 0 ? null : errors[0].message;
  } catch (error) {
    return error.message;
  }
};
console.log(JSON.stringify(documents.map(verdict)));
