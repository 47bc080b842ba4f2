/** The emoji short names that bots and people here use most. */

const TABLE = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|clap 👏|wave 👋|pray 🙏|raised_hands 🙌|muscle 💪|point_right 👉
point_left 👈|point_up ☝️|point_down 👇|eyes 👀|handshake 🤝|smile 😄|smiley 😃|grinning 😀|grin 😁|joy 😂|wink 😉
blush 😊|slightly_smiling_face 🙂|upside_down_face 🙃|thinking_face 🤔|neutral_face 😐|confused 😕|worried 😟|cry 😢
sob 😭|sweat_smile 😅|scream 😱|heart_eyes 😍|sunglasses 😎|sleeping 😴|zzz 💤|shrug 🤷|facepalm 🤦|robot_face 🤖
heart ❤️|broken_heart 💔|tada 🎉|confetti_ball 🎊|rocket 🚀|fire 🔥|sparkles ✨|star ⭐|boom 💥|100 💯|bulb 💡|memo 📝
pushpin 📌|paperclip 📎|link 🔗|lock 🔒|key 🔑|mag 🔍|hammer 🔨|wrench 🔧|gear ⚙️|toolbox 🧰|package 📦|bug 🐛|ghost 👻
seedling 🌱|deciduous_tree 🌳|sunny ☀️|umbrella ☔|coffee ☕|bell 🔔|no_bell 🔕|speech_balloon 💬|thought_balloon 💭
mega 📣|loudspeaker 📢|calendar 📅|spiral_calendar_pad 🗓️|date 📅|clock1 🕐|clock9 🕘|alarm_clock ⏰|stopwatch ⏱️
hourglass ⌛|hourglass_flowing_sand ⏳|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|heavy_multiplication_x ✖️|question ❓
grey_question ❔|exclamation ❗|warning ⚠️|no_entry ⛔|no_entry_sign 🚫|rotating_light 🚨|construction 🚧|sos 🆘
information_source ℹ️|red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢
large_blue_circle 🔵|white_circle ⚪|black_circle ⚫|large_blue_square 🟦|large_green_square 🟩|large_red_square 🟥
arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|arrows_counterclockwise 🔄|repeat 🔁|leftwards_arrow_with_hook ↩️
one 1️⃣|two 2️⃣|three 3️⃣|dart 🎯|trophy 🏆|crystal_ball 🔮|scales ⚖️|shield 🛡️|anchor ⚓|compass 🧭|world_map 🗺️
ship 🚢|hear_no_evil 🙉|see_no_evil 🙈|new 🆕|recycle ♻️|moneybag 💰|credit_card 💳|email 📧|inbox_tray 📥|outbox_tray 📤
`;

const EMOJI = new Map(
  TABLE.trim()
    .split(/[|\n]/)
    .map((pair) => pair.split(" ")),
);

/**
 * The character for a short name, or null where the page does not know it.
 * @param {string} name without the colons; a skin tone suffix is left out
 */
export function emoji(name) {
  return EMOJI.get(name.split("::")[0]) ?? null;
}

/** Whether a text is a few emoji alone, which are shown larger. */
export function isEmojiOnly(text) {
  const bare = text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => emoji(name) ?? whole).replace(/\s/g, "");
  return bare.length > 0 && bare.length <= 24 && /^(\p{Extended_Pictographic}|\u200d|\ufe0f|\p{EMod}|\u20e3)+$/u.test(bare);
}
