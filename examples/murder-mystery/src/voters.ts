/**
 * The voters, who send what no log line, span or report may hold. The tests look for each of these texts in
 * everything the story writes.
 */
export interface Voter {
  readonly email: string;
  readonly password: string;
  readonly card: string;
  readonly token: string;
  readonly session: string;
}

export const VOTERS: readonly Voter[] = [
  {
    email: "ada.lovelace@example.org",
    password: "correct-horse-battery",
    card: "4242 4242 4242 4242",
    token: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.kX2mJ3vQ0pWc9sT8uYbLrZaHnDfGe1iO",
    session: "s3ss10n-ada-5f2b8c",
  },
  {
    email: "grace.hopper@example.org",
    password: "nanoseconds-of-wire",
    card: "5555555555554444",
    token: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJncmFjZSJ9.Qw7eRt5yUi3oPa1sDf9gHj7kLz5xCv3b",
    session: "s3ss10n-grace-91d0aa",
  },
];

/** What they vote for, in turn: one in five for the doughnut. */
export const CHOICES: readonly string[] = ["joy", "sushi", "wave", "doughnut", "pizza"];
