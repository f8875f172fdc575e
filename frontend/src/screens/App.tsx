/** Which screen is shown. */
import type { JSX } from "preact";
import { type State, view } from "../state";
import type { SessionView } from "../session";
import { CloseOut } from "./CloseOut";
import { Desk } from "./Desk";
import { Broken, Old, Wiped } from "./Ends";
import { Enrol } from "./Enrol";
import { Home } from "./Home";
import { Toast } from "./parts";
import { SetPin, Unlock } from "./Pin";
import { Ready } from "./Ready";
import { Roll } from "./Roll";
import { WalkIn } from "./WalkIn";

export function App({ state }: { state: State }) {
  return (
    <>
      {shown(state)}
      <Toast toast={state.toast} />
    </>
  );
}

function shown(state: State): JSX.Element | null {
  const { screen } = state;
  switch (screen.at) {
    case "starting":
      return null;
    case "old":
      return <Old />;
    case "broken":
      return <Broken isFull={screen.isFull} />;
    case "wiped":
      return <Wiped state={state} />;
    case "enrol":
      return <Enrol state={state} />;
    case "set_pin":
      return <SetPin />;
    case "unlock":
      return <Unlock state={state} />;
    case "home":
      return <Home state={state} />;
    case "ready":
      return <Ready state={state} />;
    default:
      return ofSession(state, screen.at, view(screen.session));
  }
}

function ofSession(
  state: State,
  at: "roll" | "close" | "walk_in" | "desk",
  found: SessionView | null,
): JSX.Element {
  // Who stands before the desk is shown nothing else when its class is gone from the lists.
  if (!found) return at === "desk" ? <Unlock state={state} /> : <Home state={state} />;
  const props = { state, view: found, key: found.session.id };
  if (at === "desk") return <Desk {...props} />;
  if (at === "close") return <CloseOut {...props} />;
  return at === "walk_in" ? <WalkIn {...props} /> : <Roll {...props} />;
}
