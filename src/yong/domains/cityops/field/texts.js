// What the page says, in both languages: [中文, English].
const TEXTS = {
  title: ["监督员外业", "Inspector"],
  skip: ["跳到正文", "Skip to content"],
  tasks: ["任务", "Tasks"], report: ["上报", "Report"], queue: ["待发", "Queue"], me: ["我的", "Me"],
  online: ["已连接", "Online"], offline: ["离线：照常工作，恢复网络后自动发送", "Offline: work on, it is sent when the network is back"],
  syncing: ["正在同步…", "Synchronising…"], synced: ["已同步 {at}", "Synchronised {at}"], syncNow: ["立即同步", "Synchronise now"],
  signIn: ["登录", "Sign in"], signInLead: ["登录后，本机保存您范围内的任务，没有网络也能办理。", "Once signed in, this phone holds the tasks of your area, so that you can work without a network."],
  signInAgain: ["登录已过期。请以“{name}”重新登录，以发送 {n} 条记录。", "Your session has ended. Sign in again as “{name}” to send {n} entries."],
  name: ["账户", "Account"], password: ["密码", "Password"], code: ["动态口令（如已启用）", "One-time code (if you use one)"],
  otherWay: ["用统一身份认证登录", "Sign in with the city's identity provider"],
  notInspector: ["此账户不是监督员。", "This account is not an inspector's."],
  offlineSignIn: ["登录需要网络。", "Signing in needs a network."],
  hidden: ["本机另有他人未发送的 {n} 条记录，对您不可见，待其本人登录后发送；最多保留 14 天。", "This phone also holds {n} unsent entries of somebody else. You cannot see them; they are sent when that person signs in, within 14 days."],
  noTasks: ["没有待办任务。", "Nothing is to be done."], neverSynced: ["尚未同步过。", "Nothing was taken along yet."],
  around: ["我周围的任务（上为北）", "Tasks around me (north is up)"], fromMe: ["距我", "From here"],
  away: ["{d}，{dir}", "{d} {dir}"], noPlace: ["没有坐标", "No coordinates"], due: ["到期 {at}", "Due {at}"], overdue: ["已超期 {at}", "Overdue since {at}"],
  urgent: ["紧急", "Urgent"], supervised: ["督办", "Supervised"], synthetic: ["合成", "Synthetic"], takenBy: ["同事已认领", "Taken by a colleague"], mine: ["我已认领", "I have taken it"],
  saved: ["已保存，等待发送", "Kept here, waiting to be sent"], inQueue: ["本机已有办理结果", "Done on this phone"],
  take: ["认领", "Take it"], putBack: ["退回待领", "Put it back"], what: ["办理结果", "What you found"], note: ["说明", "Note"], noteNeeded: ["此项必须填写说明。", "This needs a note."],
  photos: ["照片", "Photos"], addPhoto: ["拍照", "Take a photo"], removePhoto: ["删除照片 {n}", "Remove photo {n}"], photoN: ["照片 {n}", "Photo {n}"],
  strip: ["去除照片中的位置、设备等隐藏信息", "Take hidden data (place, camera) out of the photos"], tooManyPhotos: ["最多 {n} 张", "At most {n}"], tooLarge: ["照片不得超过 {n} MB", "A photo may have {n} MB at most"], notPhoto: ["只能是 JPEG、PNG 或 WebP 图片", "Only JPEG, PNG or WebP pictures"],
  position: ["位置 ±{m} 米", "Position ±{m} m"], noPosition: ["暂无定位", "No position yet"], positionDenied: ["不允许定位；可在系统设置中打开", "Position is not allowed; the phone's settings can allow it"],
  save: ["保存并发送", "Keep and send"], choose: ["请选择一项。", "Choose one."], back: ["返回", "Back"],
  noGuide: ["本任务的选项尚未下载，请联网同步一次；照片和说明可先填写。", "What may be chosen was not taken along yet: synchronise once. You can write and photograph already."],
  gone: ["任务已不在您的清单中。", "The task is no longer on your list."],
  reportTitle: ["上报新问题", "Report a problem"], kind: ["类别", "Class"], kindHint: ["输入名称或代码", "Name or code"], where: ["位置描述", "Where, in words"], describe: ["情况说明", "What it is"],
  district: ["区划代码（没有定位时）", "District code (without a position)"], needPlace: ["请等待定位，或填写区划代码。", "Wait for the position, or give the district's code."], needWhat: ["请填写情况说明。", "Say what it is."], unknownKind: ["没有这个类别。", "There is no such class."],
  nothingQueued: ["没有待发送的记录。", "Nothing waits to be sent."],
  s_waiting: ["等待发送", "Waiting"], s_sending: ["正在发送", "Being sent"], s_sent: ["已发送", "Sent"], s_conflict: ["与他人冲突", "In conflict"], s_refused: ["被退回", "Refused"],
  photosSent: ["照片 {n}/{of}", "{n} of {of} photos"], photoRefused: ["照片被拒：{why}", "A photo was refused: {why}"],
  conflictLead: ["您的结果没有覆盖他人的办理。", "Nothing that others did was overwritten."], noteKept: ["您的说明和照片已作为备注保存在案件中。", "Your note and photos are kept with the case."],
  understood: ["知道了", "Understood"], asNote: ["作为备注发给案件", "Send the note to the case"], again: ["修改后重新提交", "Amend and send again"], drop: ["删除此条", "Delete this entry"], dropSure: ["确定删除？未发送的内容将丢失。", "Delete it? What was not sent is lost."], yes: ["确定", "Yes"], no: ["取消", "No"],
  changedBeside: ["期间他人也办理过此案，互不冲突。", "Others worked on the case meanwhile; nothing clashed."],
  asWho: ["当前账户：{name}", "Signed in as {name}"], device: ["本机编号 {id}", "This phone: {id}"], held: ["本机保存 {n} 项任务；失去联系 {h} 小时后自动清除。", "This phone holds {n} tasks; they go after {h} hours without contact."],
  language: ["English", "中文"], signOut: ["退出并清除本机数据", "Sign out and clear this phone"], unsent: ["还有 {n} 条记录未发送。", "{n} entries have not been sent."], sendFirst: ["先发送", "Send them first"], outAnyway: ["删除并退出", "Delete them and sign out"],
  lost: ["手机丢失时：用别的设备登录本页，在下面停用丢失的那一台。", "A phone was lost: sign in here on another one and give it up below."], devices: ["我的设备", "My devices"], thisOne: ["本机", "this phone"], giveUp: ["停用", "Give up"], givenUp: ["已停用", "given up"], lastSeen: ["最近 {at}", "last seen {at}"],
  wiped: ["此设备已被停用，数据已清除。", "This phone was given up; its data is cleared."], expired: ["与服务器失去联系过久，携带的数据已清除。", "There was no contact for too long; what was taken along is cleared."],
  area: ["区域（区划代码前缀）", "Area (beginning of the district code)"], setArea: ["使用", "Use it"], failed: ["没有成功：{why}", "It did not work: {why}"], full: ["手机存储空间不足，未能保存。", "There is no room left on this phone; it was not kept."],
  directions: ["北,东北,东,东南,南,西南,西,西北", "north,northeast,east,southeast,south,southwest,west,northwest"],
};

export let language = "zh";

export function speak(wanted) {
  language = wanted === "en" ? "en" : "zh";
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
  document.title = `${t("title")} · 甬`;
}

/** The words of a key, with what fills them. */
export function t(key, filled = {}) {
  const words = TEXTS[key][language === "en" ? 1 : 0];
  return words.replace(/\{(\w+)\}/g, (_, name) => filled[name] ?? "");
}

export function moment(text) {
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : "zh-CN", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Shanghai" }).format(new Date(text));
}
